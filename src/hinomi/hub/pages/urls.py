"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern

from hinomi.hub.pages import contacts
from hinomi.hub.pages.allow import allow, allowances, withdraw
from hinomi.hub.pages.atlas import atlas, traffic
from hinomi.hub.pages.case import case, move, note, stix
from hinomi.hub.pages.cases import cases
from hinomi.hub.pages.curve import curve
from hinomi.hub.pages.finding import finding
from hinomi.hub.pages.findings import findings
from hinomi.hub.pages.glossary import glossary
from hinomi.hub.pages.hands import assign
from hinomi.hub.pages.health import health
from hinomi.hub.pages.look import look
from hinomi.hub.pages.marking import mark
from hinomi.hub.pages.members import import_members, member, members
from hinomi.hub.pages.mine import mine
from hinomi.hub.pages.new_case import new_case
from hinomi.hub.pages.weather import weather
from hinomi.hub.permission import HUB, OPERATOR, PUBLIC, SIGNED_IN, page

urlpatterns: list[URLPattern] = [
    page("", weather, roles=SIGNED_IN, name="weather"),
    page("atlas/", atlas, roles=HUB, name="atlas"),
    page("atlas/traffic.json", traffic, roles=HUB, name="atlas-traffic"),
    page("findings/", findings, roles=SIGNED_IN, name="findings"),
    page("findings/<str:finding>/", finding, roles=SIGNED_IN, name="finding"),
    page("findings/<str:finding>/curve/", curve, roles=SIGNED_IN, name="finding-curve"),
    page("findings/<str:finding>/allow/", allow, roles=HUB, name="finding-allow"),
    page("allowances/", allowances, roles=HUB, name="allowances"),
    page("allowances/<int:allowance>/withdraw/", withdraw, roles=HUB, name="allowance-withdraw"),
    page("cases/", cases, roles=SIGNED_IN, name="cases"),
    page("cases/new/", new_case, roles=HUB, name="case-new"),
    page("cases/<str:case>/", case, roles=SIGNED_IN, name="case"),
    page("cases/<str:case>/move/", move, roles=HUB, name="case-move"),
    page("cases/<str:case>/assign/", assign, roles=HUB, name="case-assign"),
    page("cases/<str:case>/mark/", mark, roles=HUB, name="case-mark"),
    page("cases/<str:case>/note/", note, roles=HUB, name="case-note"),
    page("cases/<str:case>/bundle.json", stix, roles=HUB, name="case-stix"),
    page("mine/", mine, roles=SIGNED_IN, name="mine"),
    page("members/", members, roles=SIGNED_IN, name="members"),
    page("members/import/", import_members, roles=OPERATOR, name="import"),
    page("members/<str:member>/", member, roles=SIGNED_IN, name="member"),
    page("members/<str:member>/contacts/", contacts.add, roles=OPERATOR, name="contact-add"),
    page("members/<str:member>/contacts/<int:contact>/drop/", contacts.drop, roles=OPERATOR, name="contact-drop"),
    page("members/<str:member>/leave/", contacts.leave, roles=OPERATOR, name="member-leave"),
    page("health/", health, roles=HUB, name="health"),
    page("glossary/", glossary, roles=SIGNED_IN, name="glossary"),
    page("look/", look, roles=PUBLIC, name="look"),
]
