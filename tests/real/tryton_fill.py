"""Run inside Tryton's own environment: opportunities and productions, written as its clients write them.

`python tryton_fill.py CONFIG make 60` makes so many of each; `... edit 7` changes so many of each."""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.company.tests.tools import create_company, get_company


def make(number: int) -> None:
    create_company()
    company = get_company()
    party = Model.get("party.party")
    seller = party(name="王小明")
    seller.save()
    employee = Model.get("company.employee")(company=company, party=seller)
    employee.save()
    customers = [party(name=f"宁波客户{n}") for n in range(5)]
    for customer in customers:
        customer.save()
    for n in range(number):
        chance = Model.get("sale.opportunity")()
        chance.party, chance.description, chance.employee = customers[n % 5], f"轴承年度框架 {n}", employee
        chance.amount = Decimal(1000 + n)
        chance.save()
    unit = Model.get("product.uom").find([("name", "=", "Unit")])[0]
    template = Model.get("product.template")(name="深沟球轴承 6205", default_uom=unit, type="goods", producible=True)
    template.save()
    product = template.products[0]
    for n in range(number):
        order = Model.get("production")(product=product, quantity=100 + n)
        order.planned_date = datetime.date(2026, 11, 1) + datetime.timedelta(days=n % 20)
        order.save()


def edit(number: int) -> None:
    for chance in Model.get("sale.opportunity").find([], limit=number, order=[("id", "ASC")]):
        chance.description = f"{chance.description} (改)"
        chance.save()
    for order in Model.get("production").find([("state", "=", "draft")], limit=number, order=[("id", "ASC")]):
        order.click("wait")  # only now it has a number


settings = config.set_trytond("tryton", config_file=sys.argv[1])
{"make": make, "edit": edit}[sys.argv[2]](int(sys.argv[3]))
