"""The rows of the scores: what each is, where it was published and where it is counted."""

from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="SCO-1",
        stage=Stage.STABILITY,
        who=(Who.SPINAL_SURGERY, Who.RADIOLOGY),
        source="Fisher and others 2010",
        confirmed=False,
        limit="0 to 18; from 7 a surgical opinion",
        says="SINS adds up six features of one lesion into stable, potentially unstable or unstable, with collapse of "
        "exactly half counted as more than half.",
        places=("score:sins", "screen:scores", "judgement:stability"),
    ),
    GuidelineRow(
        id="SCO-2",
        stage=Stage.STABILITY,
        who=(Who.SPINAL_SURGERY, Who.ONCOLOGY),
        source="Tokuhashi and others 2005",
        confirmed=False,
        limit="0 to 15",
        says="The revised Tokuhashi score estimates survival from general condition, spread, primary and palsy, and "
        "shows that copies disagree on the count of vertebral bodies.",
        places=("score:tokuhashi", "screen:scores", "judgement:prognosis"),
    ),
    GuidelineRow(
        id="SCO-3",
        stage=Stage.STABILITY,
        who=(Who.SPINAL_SURGERY,),
        confirmed=False,
        limit="2 to 10",
        source="Tomita and others 2001, from secondary sources",
        says="The Tomita score, which is optional, weighs growth of the primary, visceral spread and bone spread, with "
        "4 points for a rapid or unknown primary.",
        places=("score:tomita", "screen:scores"),
    ),
    GuidelineRow(
        id="SCO-4",
        stage=Stage.STABILITY,
        who=(Who.RADIOLOGY, Who.SPINAL_SURGERY),
        source="Bilsky and others 2010",
        confirmed=False,
        limit="grades 0, 1a, 1b, 1c, 2 and 3",
        says="The Bilsky scale grades epidural compression of the cord at its worst level, 2 and 3 being high grade, "
        "and does not fit below the conus.",
        places=("score:bilsky", "screen:scores"),
    ),
    GuidelineRow(
        id="SCO-5",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN, Who.PHYSIOTHERAPY),
        confirmed=False,
        source="Frankel and others 1969; American Spinal Injury Association",
        says="Frankel grade and ASIA scale both run from A to E, mean different things, and are kept apart.",
        places=("score:frankel", "score:asia", "screen:scores"),
    ),
    GuidelineRow(
        id="SCO-6",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN, Who.PHYSIOTHERAPY),
        source="Medical Research Council",
        confirmed=False,
        limit="0 to 5, or not testable",
        says="Muscle power is graded by myotome and side, and what cannot be tested is said to be so.",
        places=("score:mrc", "screen:scores"),
    ),
    GuidelineRow(
        id="SCO-7",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN, Who.ONCOLOGY),
        confirmed=False,
        source="Eastern Cooperative Oncology Group; Karnofsky and Burchenal 1949",
        says="Performance status is recorded as it is now and as it was before this event, because a new cord lesion "
        "alone makes it look worse.",
        places=("score:ecog", "score:karnofsky", "field:clinical.performance_status", "screen:scores"),
    ),
    GuidelineRow(
        id="SCO-8",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN,),
        source="Dalhousie University",
        confirmed=False,
        limit="1 to 9",
        says="Frailty is recorded as number and short name of the state before this illness; the descriptions belong "
        "to their owner and are not printed.",
        places=("score:frailty", "field:clinical.clinical_frailty_scale", "screen:scores"),
        why="The owner's permission is for the service to ask for.",
    ),
    GuidelineRow(
        id="SCO-9",
        stage=Stage.STABILITY,
        who=(Who.CLINICIAN, Who.PHYSIOTHERAPY),
        confirmed=False,
        source="SCORAD trial 2019; the last two grades are a decision of this service",
        says="Walking has the same four answers everywhere, and the first two count as ambulatory.",
        places=(
            "score:walking",
            "field:clinical.walking_now",
            "field:clinical.walking_two_weeks_ago",
            "screen:scores",
        ),
    ),
    GuidelineRow(
        id="SCO-10",
        stage=Stage.STABILITY,
        who=(Who.ONCOLOGY,),
        confirmed=False,
        source="Balain and others 2013; Rades and others; point tables not confirmed",
        says="The Oswestry index and the Rades score are not counted here, whereas pain has its ordinary scale of 0 "
        "to 10.",
        places=("field:presentation.pain_severity",),
        verdict=Verdict.NOT_SOFTWARES,
        why="Their point tables were not confirmed, and a score with guessed points would mislead.",
    ),
)
