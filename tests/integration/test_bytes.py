"""The same input gives the same bytes: but for the manifest's time and
operation id, and the manifest's line in the checksums."""

import struct
import unittest
import zipfile

import lib
import process

CHANGING = ("manifest.json", "checksums.sha256")

# Each changes how a value is printed or in which order rows come, were that
# not pinned. No time zone: that of a role or database may be HQ's, and is named.
SETTINGS = {
    "DateStyle": "'German, DMY'",
    "IntervalStyle": "'postgres_verbose'", "bytea_output": "'escape'",
    "extra_float_digits": "'-15'", "lc_numeric": "'C'", "search_path": "'nowhere, public'",
    "standard_conforming_strings": "off", "client_encoding": "'LATIN1'", "xmlbinary": "'hex'",
    "quote_all_identifiers": "on", "array_nulls": "off", "work_mem": "'64kB'",
    "enable_seqscan": "off", "enable_hashjoin": "off", "enable_sort": "off",
    "enable_hashagg": "off", "enable_indexscan": "off", "enable_bitmapscan": "off",
    "synchronize_seqscans": "on", "max_parallel_workers_per_gather": "4",
    "parallel_setup_cost": "0", "parallel_tuple_cost": "0", "min_parallel_table_scan_size": "'0'",
    "default_transaction_isolation": "'serializable'", "plan_cache_mode": "force_generic_plan",
    "geqo_threshold": "2", "from_collapse_limit": "1", "join_collapse_limit": "1",
}


def directory(path):
    """What the ZIP says of its entries but for offsets: names, attributes,
    times, methods, sizes, checksums, in order."""
    with zipfile.ZipFile(path) as package:
        return [(i.filename, i.date_time, i.compress_type, i.external_attr, i.create_system,
                 i.create_version, i.extract_version, i.flag_bits, i.extra, i.comment,
                 i.CRC, i.file_size, i.compress_size)
                for i in package.infolist() if i.filename not in CHANGING]


def raw_entry(data, info):
    """An entry as it stands in the file: local header and compressed bytes."""
    names, extras = struct.unpack("<HH", data[info.header_offset + 26:info.header_offset + 30])
    end = info.header_offset + 30 + names + extras + info.compress_size
    return data[info.header_offset:end]


class Bytes(lib.Case):

    def same(self, one, two):
        self.assertEqual(one.names, two.names)
        for name in one.names:
            if name not in CHANGING:
                self.assertEqual(one.data(name), two.data(name), name)
        self.assertEqual(directory(one.path), directory(two.path))
        self.same_manifest(one.manifest, two.manifest)
        self.same_checksums(one, two)

    def same_manifest(self, one, two):
        one, two = dict(one), dict(two)
        self.assertNotEqual(one.pop("operation_id"), two.pop("operation_id"))
        one.pop("created_at"), two.pop("created_at")
        self.assertEqual(one, two)

    def same_checksums(self, one, two):
        def lines(package):
            return [x for x in package.lines_of_checksums() if not x.endswith("  manifest.json")]
        for package in (one, two):
            package.lines_of_checksums = package.text("checksums.sha256").splitlines
        self.assertEqual(lines(one), lines(two))

    @lib.everywhere()
    def test_twice(self, kind, generation):
        instance = lib.shared(kind, generation)
        options = ("--include-embeddings", "--include-datasets")
        one, two = (lib.export(instance, *options) for _ in range(2))
        self.same(one, two)
        raw = [p.path.read_bytes() for p in (one, two)]
        infos = [zipfile.ZipFile(p.path).infolist() for p in (one, two)]
        for first, second in zip(*infos):
            if first.filename not in CHANGING:
                self.assertEqual(raw_entry(raw[0], first), raw_entry(raw[1], second))

    def test_formats_twice(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        for options in (("--asset-format", "inline"), ("--asset-format", "external"),
                        ("--no-include-source-assets",), ("--preserve-uuids",),
                        ("--no-authors",), ("--compression-level", "9"), ("--max-line", "1")):
            with self.subTest(options=options):
                self.same(*(lib.export(instance, *options) for _ in range(2)))

    def test_environment(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        plain = lib.shared_export(instance)
        for more in ({"TZ": "Asia/Kathmandu"}, {"TZ": "nonsense"}, {"PGTZ": "Pacific/Chatham"},
                     {"LC_ALL": "C"}, {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
                     {"LC_ALL": "tr_TR.UTF-8"}, {"PGDATESTYLE": "SQL, DMY"},
                     {"PGCLIENTENCODING": "LATIN1"},
                     {"PGOPTIONS": "-c datestyle=German -c extra_float_digits=-15 "
                                   "-c bytea_output=escape"},
                     {"COLUMNS": "20", "TERM": "dumb"}):
            with self.subTest(environment=more):
                self.same(plain, lib.export(instance, env=lib.environment(**more)))

    def test_time_zone_of_the_client(self):
        """Where it hides the server's, that isn't known; the values are the same."""
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        plain = lib.shared_export(instance)
        odd = lib.export(instance, env=lib.environment(PGOPTIONS="-c timezone=Asia/Tokyo"))
        self.assertEqual(odd.find("Asia/Tokyo"), [])
        for name in plain.names:
            if name not in (*CHANGING, "entries.jsonl", "compatibility/version_info.json"):
                self.assertEqual(plain.data(name), odd.data(name), name)

    @lib.everywhere(generations=[lib.NEWEST])
    def test_settings_of_role_and_database(self, kind, generation):
        with lib.own(kind, generation) as instance:
            plain = lib.export(instance)
            role = f"odd_{instance.db.dbname}"
            instance.db.run(f"CREATE ROLE {role} LOGIN SUPERUSER;")
            try:
                for name, value in SETTINGS.items():
                    instance.db.run(f"ALTER ROLE {role} SET {name} = {value};")
                done = lib.export(instance, "--db", instance.server.database(
                    instance.db.dbname, role).dsn)
                self.same(plain, done)
            finally:
                instance.db.run(f"DROP ROLE {role};")
            for name, value in SETTINGS.items():
                instance.db.run(f"ALTER DATABASE {instance.db.dbname} SET {name} = {value};")
            self.same(plain, lib.export(instance))

    @lib.everywhere(generations=lib.GENERATIONS if lib.FULL else lib.GENERATIONS[::3])
    def test_rows_in_another_order(self, kind, generation):
        """As after a dump and reload, or years of updates."""
        with lib.own(kind, generation) as instance:
            options = ("--include-embeddings", "--include-datasets")
            plain = lib.export(instance, *options)
            before = self.order(instance)
            numbers = instance.db.query(
                "SELECT attrelid::regclass AS t, min(attname) AS c FROM pg_attribute a "
                "JOIN pg_class c ON c.oid = attrelid AND relkind = 'r' "
                "AND relnamespace = 'public'::regnamespace WHERE attnum > 0 "
                "AND atttypid IN ('int'::regtype, 'bigint'::regtype) "
                "AND (attname = 'id' OR NOT EXISTS (SELECT FROM pg_attribute i "
                "WHERE i.attrelid = a.attrelid AND i.attname = 'id')) GROUP BY 1")
            instance.db.run("".join(
                f"CREATE INDEX odd_order ON {n['t']} (md5({n['c']}::text));"
                f"CLUSTER {n['t']} USING odd_order; DROP INDEX odd_order;"
                for n in numbers) + "DELETE FROM pg_statistic;")
            self.assertNotEqual(before, self.order(instance))
            self.same(plain, lib.export(instance, *options))

    def order(self, instance):
        return [r["id"] for r in instance.db.query("SELECT id FROM asset")]

    def test_standard_output(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        plain = lib.shared_export(instance)
        path = lib.new_path(".zip")
        done = lib.run(*process.arguments(instance, "-"))
        self.assertEqual(done.returncode, 0, done.stderr)
        path.write_bytes(done.stdout)
        self.same(plain, lib.Package(path))


if __name__ == "__main__":
    unittest.main()
