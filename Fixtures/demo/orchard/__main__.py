import getpass
import sys

import click
import humanize
import tabulate

from .harvest import HARVEST


@click.command()
@click.option("--check", is_flag=True, help="Only check that everything is in place.")
def main(check):
    rows = [(fruit, humanize.metric(grams, "g")) for fruit, grams in sorted(HARVEST.items())]
    print(tabulate.tabulate(rows, headers=["fruit", "harvest"]))
    if check:
        print(f"ok: Python {sys.version.split()[0]} as {getpass.getuser()}, {len(rows)} kinds of fruit")


main()
