"""``tls make``: HTTPS for a hall that has no certificate of its own."""

import socket
from pathlib import Path

import click
from flask import current_app

from core.cli import Group
from core.clock import clock
from core.tls import authority

group = Group("tls", help="HTTPS 证书")


@group.command("make")
@click.option("--host", "hosts", multiple=True, help="考生在浏览器里输入的主机名或 IP 地址，可重复；默认本机名")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="默认 instance/tls")
def make(hosts: tuple[str, ...], output: Path | None) -> None:
    """Make a certificate for this server and, the first time, the authority that signs it."""
    folder = output or current_app.extensions["settings"].instance / "tls"
    made = authority.make(folder, hosts or (socket.gethostname(),), clock.now())
    click.echo(
        f"服务器证书：{made.folder / authority.SERVER}（{'、'.join(made.hosts)}，有效期至 {made.until:%Y-%m-%d}）"
    )
    click.echo(f"服务器私钥：{made.folder / authority.SERVER_KEY}（只有属主可读）")
    fresh = "新建，请在考场每台电脑上安装" if made.new_authority else "沿用已有的，装过的电脑不必重装"
    click.echo(f"机构证书：{made.folder / authority.AUTHORITY}（{fresh}）")
    click.echo(f"机构证书的 SHA-256 指纹：{made.fingerprint}")
    click.echo("机构私钥不要离开这台服务器。用 script/server --https 启动即以这份证书提供服务。", err=True)
