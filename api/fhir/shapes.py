"""The shape of the FHIR R4 content that this door reads: elements, types, which are required, and codes. Pure.

A line is `name:type`, with `*` for a list and `!` for a required element. `a|b|c` after a code are its values.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: its type, whether it is a list, whether it is required, and its codes."""

    type: str
    is_list: bool = False
    required: bool = False
    codes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


Shape = dict[str, Element]


def _shape(lines: str) -> Shape:
    return {name: element for line in lines.split() for name, element in [_element(line)]}


def _element(line: str) -> tuple[str, Element]:
    name, _, rest = line.partition(":")
    kind, _, listed = rest.partition("=")
    required = kind.endswith("!")
    kind = kind.rstrip("!")
    is_list = kind.endswith("*")
    kind = kind.rstrip("*")
    values = tuple(listed.split("|")) if listed else ()
    is_reference = kind == "Reference"
    return name, Element(
        type=kind,
        is_list=is_list,
        required=required,
        codes=() if is_reference else values,
        targets=values if is_reference else (),
    )


_DOMAIN = """id:id meta:Meta implicitRules:uri language:code text:Narrative contained:Resource*
extension:Extension* modifierExtension:Extension* """
_ELEMENT = "id:string extension:Extension* "
_PERSON = "identifier:Identifier* active:boolean name:HumanName* telecom:ContactPoint* address:Address* "
_EVENT_STATUS = "preparation|in-progress|not-done|on-hold|stopped|completed|entered-in-error|unknown"
_SUBJECT = "subject:Reference!=Patient "

TYPES: dict[str, Shape] = {
    "Meta": _shape("versionId:id lastUpdated:instant source:uri profile:uri* security:Coding* tag:Coding*"),
    "Narrative": _shape("status:code!=generated|extensions|additional|empty div:markdown!"),
    "Identifier": _shape(
        "use:code=usual|official|temp|secondary|old type:CodeableConcept system:uri value:string period:Period assigner:Reference"
    ),
    "HumanName": _shape(
        "use:code=usual|official|temp|nickname|anonymous|old|maiden text:string family:string given:string* prefix:string* suffix:string* period:Period"
    ),
    "ContactPoint": _shape(
        "system:code=phone|fax|email|pager|url|sms|other value:string use:code=home|work|temp|old|mobile rank:positiveInt period:Period"
    ),
    "Address": _shape(
        "use:code=home|work|temp|old|billing type:code=postal|physical|both text:string line:string* city:string district:string state:string postalCode:string country:string period:Period"
    ),
    "CodeableConcept": _shape("coding:Coding* text:string"),
    "Coding": _shape("system:uri version:string code:code display:string userSelected:boolean"),
    "Reference": _shape("reference:string type:uri identifier:Identifier display:string"),
    "Period": _shape("start:dateTime end:dateTime"),
    "Quantity": _shape("value:decimal comparator:code=<|<=|>=|> unit:string system:uri code:code"),
    "Annotation": _shape("authorReference:Reference authorString:string time:dateTime text:markdown!"),
    "ContactEntry": _shape(
        "relationship:CodeableConcept* name:HumanName telecom:ContactPoint* address:Address gender:code=male|female|other|unknown organization:Reference period:Period"
    ),
    "Communication": _shape("language:CodeableConcept! preferred:boolean"),
    "Series": _shape(
        "uid:id! number:unsignedInt modality:Coding! description:string numberOfInstances:unsignedInt endpoint:Reference* bodySite:Coding laterality:Coding specimen:Reference* started:dateTime performer:Any* instance:Any*"
    ),
    "Item": _shape("linkId:string! definition:uri text:string answer:ItemAnswer* item:Item*"),
    "ItemAnswer": _shape(
        "valueBoolean:boolean valueDecimal:decimal valueInteger:integer valueDate:date valueDateTime:dateTime valueTime:string valueString:string valueUri:uri valueCoding:Coding valueQuantity:Quantity valueReference:Reference item:Item*"
    ),
    "Dosage": _shape(
        "text:string site:CodeableConcept route:CodeableConcept method:CodeableConcept dose:Quantity rateRatio:Any rateQuantity:Quantity"
    ),
    "Restriction": _shape("repetitions:positiveInt period:Period recipient:Reference*"),
    "Hospitalization": _shape(
        "preAdmissionIdentifier:Identifier origin:Reference admitSource:CodeableConcept reAdmission:CodeableConcept "
        "dietPreference:CodeableConcept* specialCourtesy:CodeableConcept* specialArrangement:CodeableConcept* "
        "destination:Reference dischargeDisposition:CodeableConcept"
    ),
    "Entry": _shape("fullUrl:uri link:Any* resource:Resource request:Request search:Any response:Any"),
    "Destination": _shape("name:string target:Reference endpoint:uri! receiver:Reference"),
    "Source": _shape("name:string software:string version:string contact:ContactPoint endpoint:uri!"),
    "MessageResponse": _shape("identifier:id! code:code!=ok|transient-error|fatal-error details:Reference"),
    "Request": _shape(
        "method:code!=GET|HEAD|POST|PUT|DELETE|PATCH url:uri! ifNoneMatch:string ifModifiedSince:instant ifMatch:string ifNoneExist:string"
    ),
}
for _name, _lines in TYPES.items():
    TYPES[_name] = {**_shape(_ELEMENT), **_lines}

RESOURCES: dict[str, Shape] = {
    "Patient": _shape(
        _DOMAIN
        + _PERSON
        + "gender:code=male|female|other|unknown birthDate:date deceasedBoolean:boolean deceasedDateTime:dateTime "
        "maritalStatus:CodeableConcept multipleBirthBoolean:boolean multipleBirthInteger:integer photo:Any* contact:ContactEntry* "
        "communication:Communication* generalPractitioner:Reference* managingOrganization:Reference=Organization link:Any*"
    ),
    "Practitioner": _shape(
        _DOMAIN
        + _PERSON
        + "gender:code=male|female|other|unknown birthDate:date photo:Any* qualification:Any* communication:CodeableConcept*"
    ),
    "PractitionerRole": _shape(
        _DOMAIN
        + "identifier:Identifier* active:boolean period:Period practitioner:Reference=Practitioner organization:Reference=Organization "
        "code:CodeableConcept* specialty:CodeableConcept* location:Reference* healthcareService:Reference* telecom:ContactPoint* availableTime:Any* "
        "notAvailable:Any* availabilityExceptions:string endpoint:Reference*"
    ),
    "Organization": _shape(
        _DOMAIN
        + "identifier:Identifier* active:boolean type:CodeableConcept* name:string alias:string* telecom:ContactPoint* address:Address* "
        "partOf:Reference contact:Any* endpoint:Reference*"
    ),
    "Location": _shape(
        _DOMAIN
        + "identifier:Identifier* status:code=active|suspended|inactive operationalStatus:Coding name:string alias:string* description:string "
        "mode:code=instance|kind type:CodeableConcept* telecom:ContactPoint* address:Address physicalType:CodeableConcept position:Any "
        "managingOrganization:Reference=Organization partOf:Reference hoursOfOperation:Any* endpoint:Reference*"
    ),
    "ServiceRequest": _shape(
        _DOMAIN
        + "identifier:Identifier* instantiatesCanonical:uri* instantiatesUri:uri* basedOn:Reference* replaces:Reference* requisition:Identifier "
        "status:code!=draft|active|on-hold|revoked|completed|entered-in-error|unknown "
        "intent:code!=proposal|plan|directive|order|original-order|reflex-order|filler-order|instance-order|option "
        "category:CodeableConcept* priority:code=routine|urgent|asap|stat doNotPerform:boolean code:CodeableConcept orderDetail:CodeableConcept* "
        + _SUBJECT
        + "encounter:Reference occurrenceDateTime:dateTime occurrencePeriod:Period authoredOn:dateTime "
        "requester:Reference=Practitioner|PractitionerRole|Organization|Patient|RelatedPerson|Device performerType:CodeableConcept performer:Reference* "
        "locationCode:CodeableConcept* locationReference:Reference*=Location reasonCode:CodeableConcept* reasonReference:Reference* insurance:Reference* "
        "supportingInfo:Reference* specimen:Reference* bodySite:CodeableConcept* note:Annotation* patientInstruction:string relevantHistory:Reference*"
    ),
    "Observation": _shape(
        _DOMAIN + "identifier:Identifier* basedOn:Reference* partOf:Reference* "
        "status:code!=registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown category:CodeableConcept* code:CodeableConcept! "
        "subject:Reference=Patient focus:Reference* encounter:Reference effectiveDateTime:dateTime effectivePeriod:Period effectiveInstant:instant "
        "issued:instant performer:Reference* valueQuantity:Quantity valueCodeableConcept:CodeableConcept valueString:string valueBoolean:boolean "
        "valueInteger:integer valueDateTime:dateTime dataAbsentReason:CodeableConcept interpretation:CodeableConcept* note:Annotation* "
        "bodySite:CodeableConcept method:CodeableConcept specimen:Reference device:Reference referenceRange:Any* hasMember:Reference* derivedFrom:Reference* "
        "component:Any*"
    ),
    "Condition": _shape(
        _DOMAIN
        + "identifier:Identifier* clinicalStatus:CodeableConcept verificationStatus:CodeableConcept category:CodeableConcept* "
        "severity:CodeableConcept code:CodeableConcept bodySite:CodeableConcept* "
        + _SUBJECT
        + "encounter:Reference onsetDateTime:dateTime onsetAge:Any "
        "onsetPeriod:Period onsetString:string abatementDateTime:dateTime abatementString:string recordedDate:dateTime recorder:Reference "
        "asserter:Reference stage:Any* evidence:Any* note:Annotation*"
    ),
    "QuestionnaireResponse": _shape(
        _DOMAIN + "identifier:Identifier basedOn:Reference* partOf:Reference* questionnaire:uri "
        "status:code!=in-progress|completed|amended|entered-in-error|stopped subject:Reference encounter:Reference authored:dateTime author:Reference "
        "source:Reference item:Item*"
    ),
    "DiagnosticReport": _shape(
        _DOMAIN + "identifier:Identifier* basedOn:Reference* "
        "status:code!=registered|partial|preliminary|final|amended|corrected|appended|cancelled|entered-in-error|unknown category:CodeableConcept* "
        "code:CodeableConcept! subject:Reference=Patient encounter:Reference effectiveDateTime:dateTime effectivePeriod:Period issued:instant "
        "performer:Reference* resultsInterpreter:Reference* specimen:Reference* result:Reference* imagingStudy:Reference*=ImagingStudy media:Any* "
        "conclusion:string conclusionCode:CodeableConcept* presentedForm:Any*"
    ),
    "ImagingStudy": _shape(
        _DOMAIN
        + "identifier:Identifier* status:code!=registered|available|cancelled|entered-in-error|unknown modality:Coding* "
        + _SUBJECT
        + "encounter:Reference started:dateTime basedOn:Reference* referrer:Reference interpreter:Reference* endpoint:Reference* numberOfSeries:unsignedInt "
        "numberOfInstances:unsignedInt procedureReference:Reference procedureCode:CodeableConcept* location:Reference reasonCode:CodeableConcept* "
        "reasonReference:Reference* note:Annotation* description:string series:Series*"
    ),
    "Encounter": _shape(
        _DOMAIN
        + "identifier:Identifier* status:code!=planned|arrived|triaged|in-progress|onleave|finished|cancelled|entered-in-error|unknown "
        "statusHistory:Any* class:Coding! classHistory:Any* type:CodeableConcept* serviceType:CodeableConcept priority:CodeableConcept "
        "subject:Reference=Patient episodeOfCare:Reference* basedOn:Reference* participant:Any* appointment:Reference* period:Period length:Any "
        "reasonCode:CodeableConcept* reasonReference:Reference* diagnosis:Any* account:Reference* hospitalization:Hospitalization location:Any* "
        "serviceProvider:Reference partOf:Reference"
    ),
    "Procedure": _shape(
        _DOMAIN
        + "identifier:Identifier* instantiatesCanonical:uri* instantiatesUri:uri* basedOn:Reference* partOf:Reference* "
        "status:code!="
        + _EVENT_STATUS
        + " statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept "
        + _SUBJECT
        + "encounter:Reference performedDateTime:dateTime performedPeriod:Period performedString:string recorder:Reference asserter:Reference performer:Any* "
        "location:Reference reasonCode:CodeableConcept* reasonReference:Reference* bodySite:CodeableConcept* outcome:CodeableConcept report:Reference* "
        "complication:CodeableConcept* complicationDetail:Reference* followUp:CodeableConcept* note:Annotation* focalDevice:Any* usedReference:Reference* "
        "usedCode:CodeableConcept*"
    ),
    "MedicationAdministration": _shape(
        _DOMAIN
        + "identifier:Identifier* instantiates:uri* partOf:Reference* status:code!=in-progress|not-done|on-hold|completed|entered-in-error|stopped|unknown "
        "statusReason:CodeableConcept* category:CodeableConcept medicationCodeableConcept:CodeableConcept medicationReference:Reference "
        + _SUBJECT
        + "context:Reference supportingInformation:Reference* effectiveDateTime:dateTime effectivePeriod:Period performer:Any* reasonCode:CodeableConcept* "
        "reasonReference:Reference* request:Reference device:Reference* note:Annotation* dosage:Dosage eventHistory:Reference*"
    ),
    "Task": _shape(
        _DOMAIN + "identifier:Identifier* basedOn:Reference* groupIdentifier:Identifier partOf:Reference* "
        "status:code!=draft|requested|received|accepted|rejected|ready|cancelled|in-progress|on-hold|failed|completed|entered-in-error "
        "statusReason:CodeableConcept businessStatus:CodeableConcept intent:code!=unknown|proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option "
        "priority:code=routine|urgent|asap|stat code:CodeableConcept description:string focus:Reference for:Reference encounter:Reference "
        "executionPeriod:Period authoredOn:dateTime lastModified:dateTime requester:Reference performerType:CodeableConcept* owner:Reference "
        "location:Reference reasonCode:CodeableConcept reasonReference:Reference note:Annotation* restriction:Restriction input:Any* output:Any*"
    ),
    "MessageHeader": _shape(
        _DOMAIN
        + "eventCoding:Coding eventUri:uri destination:Destination* sender:Reference enterer:Reference author:Reference "
        "source:Source! responsible:Reference reason:CodeableConcept response:MessageResponse focus:Reference* definition:uri"
    ),
    "Bundle": _shape(
        "id:id meta:Meta implicitRules:uri language:code identifier:Identifier type:code!=document|message|transaction|transaction-response|batch|"
        "batch-response|history|searchset|collection timestamp:instant total:unsignedInt link:Any* entry:Entry* signature:Any"
    ),
}
