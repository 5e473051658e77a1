"""The identifier and code systems of the FHIR door. Only systems seen in published NHS and HL7 artefacts, and our own."""

from django.conf import settings

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
ODS_SITE = "https://fhir.nhs.uk/Id/ods-site-code"
REGISTRATIONS = tuple(
    f"https://fhir.hl7.org.uk/Id/{body}-number" for body in ("gmc", "nmc", "hcpc", "gphc", "gmp")
)
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
UUID = "urn:ietf:rfc:3986"
SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
_UK = "https://fhir.hl7.org.uk/StructureDefinition"
VERIFICATION = f"{_UK}/Extension-UKCore-NHSNumberVerificationStatus"
VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
UNAVAILABLE = f"{_UK}/Extension-UKCore-NHSNumberUnavailableReason"
ETHNIC = f"{_UK}/Extension-UKCore-EthnicCategory"
ETHNIC_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
# How a stay ended when the patient died in it, by HL7 and by the NHS data dictionary.
DIED_IN_STAY = {
    "http://terminology.hl7.org/CodeSystem/discharge-disposition": "exp",
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland": "4",
}
# Anatomical regions of the spine; "spine" alone does not say which regions were covered, so that it covers none.
REGION_OF_SNOMED = {"122494005": "cervical", "122495006": "thoracic", "122496007": "lumbar"}
SNOMED_OF_REGION = {region: code for code, region in REGION_OF_SNOMED.items()}
REFERRAL, RADIOTHERAPY = "3457005", "108290001"


def base() -> str:
    """The address of the FHIR door."""
    return f"{settings.BASE_URL}/fhir/R4"


def own_id(name: str) -> str:
    """An identifier system of ours, such as mscc-referral."""
    return f"{settings.BASE_URL}/Id/{name}"


def own_codes(name: str) -> str:
    """A code system of ours, such as mri-result."""
    return f"{settings.BASE_URL}/CodeSystem/{name}"


def own_extension(name: str) -> str:
    """An extension of ours, such as replaces."""
    return f"{settings.BASE_URL}/StructureDefinition/{name}"


def uk_core(kind: str) -> str:
    """The canonical address of a UK Core profile."""
    return f"{_UK}/UKCore-{kind}"


def same_system(one: str, other: str) -> bool:
    """Whether two systems are the same. Published NHS examples write `id` for `Id` and http for https."""

    def plain(system: str) -> str:
        return system.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")

    return plain(one) == plain(other)
