"""The tools of ./run and ./test on one machine: real servers from wheels, and a supervisor.

Never part of a production image. Nothing here imports Django or the product.
"""
