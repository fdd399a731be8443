#!/usr/bin/env python3
"""Private PostgreSQL servers with HQ databases, for tests and the demo."""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bench  # noqa: E402
import sample  # noqa: E402
import schema  # noqa: E402
import servers  # noqa: E402
from pg import Database, PgError  # noqa: E402


def cmd_servers(_args):
    for kind, version, text in servers.available():
        print(f"{kind}\t{version or '-'}\t{text}")


def cmd_fetch(args):
    for kind in args.kind:
        print(f"{kind}\t{servers.find_bin(kind)}")


def cmd_start(args):
    settings = dict(s.split("=", 1) for s in args.set)
    print(servers.start_background(args.kind, args.dir, watch=args.watch, fsync=args.fsync,
                                   timezone=args.timezone, locale=args.locale,
                                   settings=settings))


def cmd_stop(args):
    servers.stop_background(args.dir)


def cmd_load(args):
    db = Database(args.host, args.dbname)
    about = sample.load(db, args.generation, args.sample, args.store, args.missing)
    if args.manifest:
        Path(args.manifest).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    print(db.dsn)


def cmd_bench(args):
    db = Database(args.host, args.dbname)
    about = bench.load(db, args.generation, args.store, args.annotations, args.pages)
    print(json.dumps(about))


def cmd_drop(args):
    schema.drop(Database(args.host, args.dbname))


def cmd_compare(args):
    differences = schema.compare(Database(args.host, args.dbname), args.generation)
    for line in differences:
        print(line)
    return 1 if differences else 0


def add_database(parser, generation=True):
    parser.add_argument("--host", required=True, metavar="SOCKETDIR")
    parser.add_argument("--dbname", required=True)
    if generation:
        parser.add_argument("--generation", default=schema.GENERATIONS[-1],
                            choices=schema.GENERATIONS)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, function, about):
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(function=function)
        return sub

    command("servers", cmd_servers, "lists the kinds of servers: kind, version, where")

    sub = command("fetch", cmd_fetch, "unpacks servers that come as packages into the cache")
    sub.add_argument("kind", nargs="+", choices=servers.KINDS)

    sub = command("start", cmd_start, "starts a server in the background, prints its socket folder")
    sub.add_argument("--kind", default="debian", choices=servers.KINDS)
    sub.add_argument("--dir", required=True, help="a new or empty folder; gone after the end")
    sub.add_argument("--watch", type=int, metavar="PID", help="stop when this process ends")
    sub.add_argument("--fsync", action="store_true")
    sub.add_argument("--timezone", default="UTC")
    sub.add_argument("--locale", default="C.UTF-8")
    sub.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")

    sub = command("stop", cmd_stop, "stops that server and removes its folder")
    sub.add_argument("--dir", required=True)

    sub = command("load", cmd_load, "creates a database with a sample, prints its DSN")
    add_database(sub)
    sub.add_argument("--sample", default="dev", choices=tuple(sample.SAMPLES))
    sub.add_argument("--store", help="folder for the files")
    sub.add_argument("--missing", action="append", default=[], metavar="ASSET",
                     help="leave out this asset's file")
    sub.add_argument("--manifest", metavar="FILE", help="write what is in it as JSON")

    sub = command("bench", cmd_bench, "creates the benchmark's database, prints what is in it")
    add_database(sub)
    sub.add_argument("--store", required=True)
    sub.add_argument("--annotations", type=int, default=100_000)
    sub.add_argument("--pages", type=int, default=2_000)

    sub = command("drop", cmd_drop, "drops a database")
    add_database(sub, generation=False)

    sub = command("compare", cmd_compare, "compares a database's catalog with the facts")
    add_database(sub)
    return parser.parse_args()


def main():
    args = parse()
    try:
        return args.function(args) or 0
    except KeyboardInterrupt:
        return 130
    except (servers.ServerError, PgError, OSError) as error:
        print(f"hqdb: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
