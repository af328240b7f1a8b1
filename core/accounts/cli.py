"""``account create``: the first administrators of a new installation."""

import click

from core.accounts.actors import SYSTEM
from core.accounts.permissions import ROLE_NAMES, Role
from core.accounts.service import create_account
from core.cli import Group
from core.clock import clock
from core.database import transaction

group = Group("account", help="账号")


@group.command("create")
@click.option("--username", required=True, help="用户名")
@click.option("--name", required=True, help="姓名")
@click.option("--unit", default="", help="单位")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]), help="角色，可重复")
def create(username: str, name: str, unit: str, roles: tuple[str, ...]) -> None:
    """Create an account and print its generated password once."""
    with transaction("write") as session:
        account, password = create_account(
            session, SYSTEM, clock, username=username, name=name, unit=unit, roles=[Role(role) for role in roles]
        )
    held = "、".join(str(ROLE_NAMES[Role(role)]) for role in roles) or "无角色"
    click.echo(f"{account.username}\t{password}\t{held}")
    click.echo("此密码只显示这一次，首次登录时必须更改。", err=True)
