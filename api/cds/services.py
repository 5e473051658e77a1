"""What the discovery names: each service with its hook, and what it needs of the record. Pure."""

from typing import Any

from api.fhir import systems

VERSION = "1.0.0"
HOOKS = {"mscc-patient-view": "patient-view", "mscc-order-sign": "order-sign"}
_ABOUT = {
    "mscc-patient-view": (
        "Suspected spinal metastases or cord compression",
        "Says when the record shows a cancer with what NICE NG234 treats as suspected spinal metastases or metastatic spinal "
        "cord compression, and whom to ring.",
    ),
    "mscc-order-sign": (
        "Spine imaging and dexamethasone in somebody with cancer",
        "Says what NICE NG234 asks when an MRI or a plain X-ray of the spine, or dexamethasone, is ordered for somebody who "
        "has or had cancer.",
    ),
}


def discovery() -> dict[str, Any]:
    """The services. Every Condition is asked for: a past cancer counts too."""
    person = "{{context.patientId}}"
    prefetch = {
        "patient": f"Patient/{person}",
        "conditions": f"Condition?patient={person}&_count=100",
        "findings": f"Observation?patient={person}&code={systems.own_codes('referral-field')}|&_count=50",
        "orders": f"ServiceRequest?patient={person}&status=draft,active&_count=25",
    }
    of = {"mscc-patient-view": tuple(prefetch), "mscc-order-sign": ("patient", "conditions", "findings")}
    return {
        "services": [
            {
                "hook": hook,
                "id": name,
                "title": _ABOUT[name][0],
                "description": _ABOUT[name][1],
                "version": VERSION,
                "prefetch": {key: prefetch[key] for key in of[name]},
                "usageRequirements": "Conditions are needed. The other prefetch is used when it comes.",
            }
            for name, hook in HOOKS.items()
        ]
    }
