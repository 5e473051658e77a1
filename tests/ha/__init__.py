"""High availability for real: Patroni, etcd, two hosts of the service, and what happens when one of them fails. An own command."""
