"""Acts that end a case, or open it again."""

from referrals.case.states import Action
from referrals.usecases.close_referral import close_referral
from referrals.usecases.decline_withdrawal import decline_withdrawal
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from referrals.web.coordinator import forms
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct


def _close(sent: SentAct) -> str:
    close_referral(
        sent.reference, outcome=sent["outcome"], text=sent["text"], version=sent.seen, by=sent.by, at=sent.at
    )
    return "Closed"


def _reopen(sent: SentAct) -> str:
    reopen_referral(sent.reference, text=sent["text"], version=sent.seen, act=sent.act)
    return "The case is open again. Its clocks run on from when they started"


def _withdraw(sent: SentAct) -> str:
    withdraw_referral(sent.reference, text=sent["reason"], version=sent.seen, by=sent.by, at=sent.at)
    return "Withdrawn"


def _decline(sent: SentAct) -> str:
    decline_withdrawal(sent.reference, text=sent["text"], version=sent.seen, act=sent.act)
    return "The case goes on. The referrer has your message"


def _error(sent: SentAct) -> str:
    mark_entered_in_error(sent.reference, text=sent["text"], version=sent.seen, by=sent.by, at=sent.at)
    return "Marked as entered in error"


ENDS = "The case ends: its clocks stop and nobody is paged about it"
GOES_ON = "If the case has to go on, choose “Decline a withdrawal” under “Everything else”"
CLOSURE_ACTS = (
    CaseAct(
        name="close",
        title="Close with its outcome",
        group=ActGroup.END,
        action=Action.CLOSE,
        button="Close the case",
        follows=f"{ENDS}. You can open it again",
        do=_close,
        fields=lambda file: forms.closing(file.case),
    ),
    CaseAct(
        name="withdraw",
        title="Withdraw, or confirm a withdrawal",
        group=ActGroup.END,
        action=Action.WITHDRAW,
        button="Withdraw",
        follows=f"{ENDS}. You can open it again",
        do=_withdraw,
        asks_again=True,
        fields=lambda file: forms.reason(
            "Why it is withdrawn", name="reason", hint=GOES_ON if file.case.withdrawal_asked_at else ""
        ),
    ),
    CaseAct(
        name="decline-withdrawal",
        title="Decline a withdrawal: the case goes on",
        group=ActGroup.END,
        action=Action.DECLINE_WITHDRAWAL,
        button="Decline the withdrawal",
        do=_decline,
        unless=lambda file: (
            "" if file.case.withdrawal_asked_at else "Nobody has asked to withdraw this referral"
        ),
        fields=lambda file: forms.reason("Why the case goes on; the referrer reads this"),
    ),
    CaseAct(
        name="error",
        title="Entered in error",
        group=ActGroup.END,
        action=Action.MARK_ERROR,
        button="Mark as entered in error",
        follows=f"{ENDS}. It stays in the record, leaves the measures, and cannot be opened again. The referrer is told",
        do=_error,
        fields=lambda file: forms.reason("What was wrong"),
    ),
    CaseAct(
        name="reopen",
        title="Open it again",
        group=ActGroup.END,
        action=Action.REOPEN,
        button="Open it again",
        do=_reopen,
        asks_again=True,
        fields=lambda file: forms.reason("Why it is opened again"),
    ),
)
