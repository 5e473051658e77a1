"""Every address, in one place."""

from django.urls import include, path

from accounts.web import clients as clients_views
from accounts.web import drafts as drafts_views
from accounts.web import nhs_identity as nhs_identity_views
from accounts.web import nhs_links as nhs_links_views
from accounts.web import one_time_links as access_views
from accounts.web import second_step as second_step_views
from accounts.web import security as security_views
from accounts.web import settings as settings_views
from accounts.web import views as accounts_views
from api.cds import pages as card_pages
from api.fhir import views as fhir_views
from api.hl7v2.views import MessageView
from api.token_urls import smart_configuration
from api.webhooks import pages as webhook_pages
from governance.web import erasure as erasure_views
from governance.web import exports as exports_views
from governance.web import incidents as incidents_views
from governance.web import inequalities as inequalities_views
from governance.web import measures as measures_views
from governance.web import moment as moment_views
from governance.web import openings as openings_views
from governance.web import readers as readers_views
from governance.web import subject_access as subject_access_views
from governance.web import unusual as unusual_views
from governance.web import views as governance_views
from mdt.web import discussion as mdt_discussion
from mdt.web import lists as mdt_lists
from mdt.web import meetings as mdt_meetings
from mdt.web import outcomes as mdt_outcomes
from mdt.web import plan as mdt_plan
from mdt.web import summary as mdt_summary
from mdt.web import treatment as mdt_treatment
from mscc import health, metrics
from oncall.web import reach as reach_views
from oncall.web import rota as rota_views
from oncall.web import rota_import as rota_import_views
from oncall.web import users as users_views
from oncall.web import views as oncall_views
from referrals.web import access as access_pages
from referrals.web import documents as document_views
from referrals.web import downtime as downtime_views
from referrals.web import first_run as first_run_views
from referrals.web import purpose as purpose_views
from referrals.web import record as record_views
from referrals.web import service_settings as service_settings_views
from referrals.web import sites as sites_views
from referrals.web.coordinator import case as case_views
from referrals.web.coordinator import hand_over as hand_over_views
from referrals.web.coordinator import page_answer as answering_views
from referrals.web.coordinator import scores as scores_views
from referrals.web.coordinator import unmatched as unmatched_views
from referrals.web.coordinator import worklist as worklist_views
from referrals.web.referrer import acts as acting_views
from referrals.web.referrer import follow, new
from triage.web import sign_off as sign_off_views
from triage.web import views as triage_views

handler400 = "mscc.refusal_pages.bad_request"
handler404 = "mscc.refusal_pages.page_not_found"
handler500 = "mscc.refusal_pages.server_error"

urlpatterns = [
    path("", accounts_views.home, name="home"),
    path("about/", accounts_views.about, name="about"),
    path("accounts/login/", accounts_views.sign_in, name="sign_in"),
    path("accounts/logout/", accounts_views.sign_out, name="sign_out"),
    path("accounts/link/", access_views.ask, name="ask_for_link"),
    path("accounts/link/<str:token>/", access_views.use, name="use_link"),
    path("accounts/second-step/", second_step_views.second_step, name="second_step"),
    path("accounts/confirm/", second_step_views.confirm, name="confirm"),
    path("accounts/nhs-identity/", nhs_identity_views.begin, name="nhs_identity"),
    path("accounts/nhs-identity/answer/", nhs_identity_views.answer, name="nhs_identity_answer"),
    path("accounts/nhs-identity/role/", nhs_identity_views.role, name="nhs_role"),
    path("accounts/nhs-identity/signed-out/", nhs_identity_views.leave, name="nhs_identity_leave"),
    path("accounts/nhs-identity/keys/", nhs_identity_views.keys, name="nhs_identity_keys"),
    path("accounts/security/", security_views.your_security, name="your_security"),
    path("accounts/security/app/", security_views.add_app, name="add_app"),
    path("accounts/security/passkey/", security_views.add_passkey, name="add_passkey"),
    path("accounts/security/recovery-codes/", security_views.recovery_codes, name="recovery_codes"),
    path("accounts/password/", accounts_views.change_password, name="change_password"),
    path("drafts/", drafts_views.keep, name="keep_draft"),
    path("accounts/signed-in/", drafts_views.signed_in, name="signed_in"),
    path("referrals/", follow.referrals, name="referrals"),
    path("referrals/new/", new.new_referral, name="new_referral"),
    path("referrals/new/<uuid:number>/check/", new.check, name="check_referral"),
    path("referrals/new/<uuid:number>/<slug:slug>/", new.step, name="referral_step"),
    path("referrals/new/<uuid:number>/<slug:slug>/advice/", new.advice, name="referral_advice"),
    path("referrals/from-card/<str:token>/", card_pages.card_link, name="card_link"),
    path("referrals/<str:reference>/", follow.referral, name="referral"),
    path("referrals/<str:reference>/live/", follow.referral_live, name="referral_live"),
    path("referrals/<str:reference>/print/", follow.printable, name="referral_print"),
    path("referrals/<str:reference>/summary/", follow.summary, name="referral_summary"),
    path("referrals/<str:reference>/patient-sheet/", follow.patient_sheet, name="patient_sheet"),
    path("referrals/<str:reference>/withdraw/", follow.withdraw, name="withdraw_referral"),
    path("referrals/<str:reference>/worse/", acting_views.worse, name="worse"),
    path("referrals/<str:reference>/messages/", acting_views.write, name="write_message"),
    path("referrals/<str:reference>/more/", record_views.record, name="referral_more"),
    path("referrals/<str:reference>/more/<slug:slug>/", record_views.record, name="referral_more_part"),
    path("referrals/<str:reference>/files/", document_views.attach, name="attach"),
    path("referrals/<str:reference>/files/<int:number>/", document_views.attachment, name="attachment"),
    path("referrals/<str:reference>/letters/<int:number>/", document_views.letter, name="letter"),
    path("letters/", document_views.verify, name="verify_letter"),
    path("worklist/", worklist_views.worklist, name="worklist"),
    path("worklist/live/", worklist_views.worklist_rows, name="worklist_rows"),
    path("worklist/locked/", worklist_views.board_locked, name="board_locked"),
    path("worklist/locked/counts/", worklist_views.board_locked_counts, name="board_locked_counts"),
    path("worklist/undelivered/", webhook_pages.undelivered, name="undelivered"),
    path("worklist/unmatched/", unmatched_views.unmatched, name="unmatched"),
    path("worklist/<str:reference>/", case_views.case, name="case"),
    path("worklist/<str:reference>/known/", case_views.case, {"view": "case_record"}, name="case_record"),
    path("worklist/<str:reference>/scans/", case_views.case, {"view": "case_scans"}, name="case_scans"),
    path("worklist/<str:reference>/talk/", case_views.case, {"view": "case_talk"}, name="case_talk"),
    path(
        "worklist/<str:reference>/care-and-mdt/",
        case_views.case,
        {"view": "case_treatment"},
        name="case_treatment",
    ),
    path(
        "worklist/<str:reference>/timeline/", case_views.case, {"view": "case_timeline"}, name="case_timeline"
    ),
    path("worklist/<str:reference>/live/<str:view>/", case_views.live, name="case_live"),
    path("worklist/<str:reference>/acts/", case_views.menu, name="case_acts"),
    path("worklist/<str:reference>/scores/", scores_views.scores, name="scores"),
    path("worklist/<str:reference>/record/", record_views.record, name="record"),
    path("worklist/<str:reference>/record/<slug:slug>/", record_views.record, name="record_part"),
    path("worklist/<str:reference>/re-enter/", new.re_enter, name="re_enter"),
    path("worklist/<str:reference>/recurrence/", new.recurrence, name="recurrence"),
    path("worklist/<str:reference>/mdt/", mdt_discussion.list_for_mdt, name="list_for_mdt"),
    path("worklist/<str:reference>/acknowledge/", case_views.act, {"act": "acknowledge"}, name="acknowledge"),
    path("worklist/<str:reference>/<str:act>/", case_views.act, name="act"),
    path("access/", access_pages.open_page, name="open_record"),
    path("access/<str:reference>/restriction/", access_pages.restriction, name="restriction"),
    path("downtime/", downtime_views.downtime, name="downtime"),
    path("downtime/pack/", downtime_views.pack, name="downtime_pack"),
    path("pages/", oncall_views.inbox, name="inbox"),
    path("on-call/", rota_views.rota, name="on_call"),
    path("on-call/reach/", reach_views.reach, name="reach"),
    path("on-call/reach/<int:number>/", reach_views.ask_to_prove, name="ask_to_prove"),
    path("on-call/push-worker.js", reach_views.push_worker, name="push_worker"),
    path("on-call/hand-over/", hand_over_views.hand_over, name="hand_over"),
    path("on-call/plan/", rota_views.plan, name="plan_shift"),
    path("on-call/shifts/<int:number>/", rota_views.change, name="change_shift"),
    path("on-call/import/", rota_import_views.load, name="import_rota"),
    path("on-call/calendar/", rota_views.renew_calendar, name="renew_calendar"),
    path("on-call/calendar/<str:token>.ics", rota_views.calendar, name="calendar"),
    path("on-call/answer/<str:token>/", answering_views.answer, name="answer_page"),
    path("on-call/runbooks/<slug:name>/", oncall_views.runbook, name="runbook"),
    path("mailbox/", oncall_views.mailbox, name="mailbox"),
    path("mdt/", mdt_lists.mdt, name="mdt"),
    path("mdt/meetings/", mdt_lists.new_meeting, name="new_meeting"),
    path("mdt/meetings/<int:number>/", mdt_meetings.meeting, name="mdt_meeting"),
    path("mdt/<str:reference>/", mdt_discussion.mdt_case, name="mdt_case"),
    path("mdt/<str:reference>/summary/", mdt_summary.summary, name="mdt_summary"),
    path("mdt/<str:reference>/opinion/", mdt_discussion.opinion, name="give_opinion"),
    path("mdt/<str:reference>/decision/", mdt_discussion.decision, name="record_decision"),
    path("mdt/<str:reference>/treatment/", mdt_treatment.treatment, name="mdt_treatment"),
    path("mdt/<str:reference>/treatment/<str:code>/", mdt_treatment.treatment, name="decide_treatment"),
    path("mdt/<str:reference>/plan/", mdt_plan.plan, name="mdt_plan"),
    path("mdt/<str:reference>/outcomes/", mdt_outcomes.outcomes, name="mdt_outcomes"),
    path("settings/", service_settings_views.settings, name="settings"),
    path("settings/users/", settings_views.users, name="users"),
    path("settings/users/new/", users_views.user, name="new_user"),
    path("settings/users/<int:number>/", users_views.user, name="user"),
    path("settings/clients/", clients_views.clients, name="clients"),
    path("settings/clients/<int:number>/", clients_views.client, name="client"),
    path("settings/users/<int:number>/second-factors/", security_views.forget_factors, name="forget_factors"),
    path(
        "settings/users/<int:number>/nhs-identity/", nhs_links_views.account_identity, name="account_identity"
    ),
    path("settings/nhs-roles/", nhs_links_views.nhs_roles, name="nhs_roles"),
    path("settings/sites/", sites_views.sites, name="sites"),
    path("settings/first-run/", first_run_views.first_run, name="first_run"),
    path("settings/first-run/<str:token>/", first_run_views.first_administrator, name="first_administrator"),
    path("settings/organisations/", settings_views.organisations, name="organisations"),
    path("governance/", measures_views.governance, name="governance"),
    path("governance/measures/<str:name>/", measures_views.measure, name="measure"),
    path("governance/audit/", governance_views.audit, name="audit"),
    path("governance/audit/proofs/<int:number>/", governance_views.line_proof, name="line_proof"),
    path("governance/audit/decisions/<int:number>/", governance_views.decision, name="decision"),
    path("governance/cards/", card_pages.card_receptions, name="card_receptions"),
    path("governance/readers/", readers_views.choose, name="choose_readers"),
    path("governance/readers/<str:reference>/", readers_views.readers, name="readers"),
    path("governance/openings/", openings_views.openings, name="openings"),
    path("governance/openings/<int:number>/", openings_views.opening, name="opening"),
    path("governance/incidents/", incidents_views.incidents, name="incidents"),
    path("governance/incidents/new/", incidents_views.report, name="report_incident"),
    path("governance/incidents/<int:number>/", incidents_views.incident, name="incident"),
    path("governance/inequalities/", inequalities_views.inequalities, name="inequalities"),
    path("governance/exports/", exports_views.exports, name="exports"),
    path("governance/unusual/", unusual_views.unusual_views, name="unusual"),
    path("governance/purpose/", purpose_views.purpose, name="purpose"),
    path("governance/subject-access/", subject_access_views.choose, name="choose_subject_access"),
    path(
        "governance/subject-access/<str:reference>/",
        subject_access_views.subject_access,
        name="subject_access",
    ),
    path("governance/moments/<str:reference>/", moment_views.moment, name="moment"),
    path("governance/erasures/<str:reference>/", erasure_views.erasure, name="erasure"),
    path("governance/editions/", governance_views.compare_editions, name="compare_editions"),
    path("governance/rulesets/", governance_views.compare_rulesets, name="compare_rulesets"),
    path("governance/ledger/", governance_views.check_ledger, name="check_ledger"),
    path(".well-known/mscc-seal/", governance_views.seal_keys, name="seal_keys"),
    path("guideline/", triage_views.guideline, name="guideline"),
    path("guideline/drawing/", triage_views.guideline_drawing, name="guideline_drawing"),
    path("guideline/rules/", triage_views.guideline_rules, name="guideline_rules"),
    path("guideline/sign-off/", sign_off_views.sign_off, name="sign_off"),
    path("guideline/sign-off/citation/", sign_off_views.confirm_citation, name="confirm_citation"),
    path("guideline/sign-off/setting/", sign_off_views.confirm_setting, name="confirm_setting"),
    path("guideline/sign-off/sign/", sign_off_views.sign_release, name="sign_release"),
    path("api/", include("api.urls")),
    path(
        "fhir/R4", fhir_views.RootView.as_view(), name="fhir_base"
    ),  # a base address is written with or without the last slash
    path("fhir/R4/", include("api.fhir.urls")),
    path("", include("api.cds.urls")),
    path("hl7/v2/", MessageView.as_view(), name="hl7_v2"),
    path("oauth/", include("api.token_urls")),
    path(".well-known/smart-configuration", smart_configuration, name="smart_configuration"),
    path("metrics", metrics.metrics, name="metrics"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/service", health.service, name="service"),
]
