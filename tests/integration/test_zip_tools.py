"""Any ZIP tool opens a package, and plain tools check and read it."""

import functools
import os
import shutil
import subprocess
import unittest
import zipfile

import lib
import process

import bench  # of tests/hqdb, which lib has put on the path

JAVA = """
import java.io.*;
import java.util.*;
import java.util.zip.*;

public class ReadZip {
    public static void main(String[] args) throws IOException {
        byte[] part = new byte[1 << 16];
        try (ZipFile zip = new ZipFile(args[0])) {
            for (ZipEntry e : Collections.list(zip.entries())) {
                CRC32 crc = new CRC32();
                long size = 0;
                try (InputStream in = zip.getInputStream(e)) {
                    for (int n; (n = in.read(part)) > 0; size += n)
                        crc.update(part, 0, n);
                }
                if (size != e.getSize() || crc.getValue() != e.getCrc())
                    throw new IOException(e.getName() + " is damaged");
                System.out.println(size + " " + e.getName());
            }
        }
    }
}
"""


def tool(name, package):
    found = shutil.which(name)
    if not found:
        raise AssertionError(f"{name} is missing: apt-get install {package}")
    return found


def check(*command, timeout=1800, **options):
    done = subprocess.run(command, capture_output=True, timeout=timeout, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n"
                             f"{(done.stdout + done.stderr)[-2000:].decode('utf-8', 'replace')}")
    return done.stdout.decode("utf-8")


@functools.lru_cache(maxsize=None)
def java_classes():
    folder = lib.new_path("-java")
    folder.mkdir()
    (folder / "ReadZip.java").write_text(JAVA, encoding="ascii")
    check(tool("javac", "openjdk-17-jdk-headless"), "-d", folder, folder / "ReadZip.java")
    return folder


class Tools(lib.Case):

    def sizes(self, path):
        with zipfile.ZipFile(path) as package:
            return {i.filename: i.file_size for i in package.infolist()}

    def by_python(self, path):
        process.check_package(path)

    def by_unzip(self, path):
        check(tool("unzip", "unzip"), "-tqq", path)
        listed = check("unzip", "-Z1", path).splitlines()
        self.assertEqual(listed, list(self.sizes(path)))

    def by_bsdtar(self, path):
        """Once by the directory, once as a stream."""
        wanted = list(self.sizes(path))
        bsdtar = tool("bsdtar", "libarchive-tools")
        self.assertEqual(check(bsdtar, "-tf", path).splitlines(), wanted)
        check(bsdtar, "-xOf", path, "manifest.json")
        with open(path, "rb") as file, subprocess.Popen(
                ["cat"], stdin=file, stdout=subprocess.PIPE) as pipe:
            self.assertEqual(check(bsdtar, "-tf", "-", stdin=pipe.stdout).splitlines(), wanted)

    def by_java(self, path):
        java = tool("java", "openjdk-17-jdk-headless")
        lines = check(java, "-cp", java_classes(), "ReadZip", path).splitlines()
        found = {name: int(size) for size, name in (line.split(" ", 1) for line in lines)}
        self.assertEqual(found, self.sizes(path))

    def unpacked(self, path, by):
        """sha256sum -c and jq in the unpacked folder."""
        to = process.folder()
        command = {"unzip": ("unzip", "-q", path, "-d", to),
                   "bsdtar": ("bsdtar", "-xf", path, "-C", to)}
        check(*command[by])
        names = {str(p.relative_to(to)) for p in to.rglob("*") if p.is_file()}
        self.assertEqual(names, set(self.sizes(path)))
        for p in to.rglob("*"):
            self.assertTrue(os.access(p, os.R_OK))
        done = check("sha256sum", "--strict", "-c", "checksums.sha256", cwd=to)
        self.assertEqual(done.count(": OK\n"), len(names) - 1)
        texts = sorted(n for n in names if n.endswith((".json", ".jsonl")))
        for begin in range(0, len(texts), 1000):
            check(tool("jq", "jq"), "empty", *texts[begin:begin + 1000], cwd=to)
        shutil.rmtree(to)

    def every_tool(self, path):
        for by in (self.by_python, self.by_unzip, self.by_bsdtar, self.by_java):
            with self.subTest(tool=by.__name__):
                by(path)

    @lib.everywhere()
    def test_tools(self, kind, generation):
        path = lib.shared_export(lib.shared(kind, generation)).path
        self.every_tool(path)
        for by in ("unzip", "bsdtar"):
            self.unpacked(path, by)

    def test_variants(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        for options in (("--compression-level", "0"), ("--compression-level", "9"),
                        ("--asset-format", "inline"), ("--no-include-source-assets",)):
            with self.subTest(options=options):
                path = lib.shared_export(instance, *options).path
                self.every_tool(path)
                self.unpacked(path, "unzip")

    def test_what_stands_in_the_headers(self):
        """Nothing but deflated and stored plain files, with plain names."""
        path = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        data = path.read_bytes()
        with zipfile.ZipFile(path) as package:
            for info in package.infolist():
                self.assertRegex(info.filename, r"\A[a-z0-9_]+(/[a-z0-9_.-]+)*(\.[a-z0-9]+)?\Z")
                self.assertIn(info.compress_type, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
                self.assertEqual(info.external_attr >> 16, 0o100644, info.filename)
                self.assertFalse(info.flag_bits & ~8, info.filename)
                self.assertEqual(data[info.header_offset:info.header_offset + 4], b"PK\3\4")
            self.assertEqual(package.comment, b"")
            self.assertEqual(len(package.namelist()), len(set(package.namelist())))
            self.assertEqual(package.infolist()[0].header_offset, 0)
        self.assertEqual(data[-22:-18], b"PK\5\6")
        self.assertEqual(oct(path.stat().st_mode & 0o777), "0o600")

    @unittest.skipUnless(lib.FULL, "SPACEPORT_FULL: takes minutes")
    def test_past_65535_entries(self):
        server = lib.server(lib.KINDS[0])
        db, store = server.database("entries"), lib.new_path("-store")
        about = bench.load(db, lib.NEWEST, store, annotations=80_000, pages=70_000, files=10)
        path = lib.new_path(".zip")
        done = lib.run("export", "run", about["run"], "-o", path, "--db", db.dsn, "--as", "1",
                       "--store", f"dir:{store}", "--yes", timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len(self.sizes(path)), 70_000)
        self.every_tool(path)
        self.unpacked(path, "unzip")
        process.remove(store)
        path.unlink()
        bench.schema.drop(db)

    @unittest.skipUnless(lib.FULL, "SPACEPORT_FULL: takes minutes and 15 GB")
    def test_past_4_gib(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            name = instance.db.value("SELECT blob_path FROM asset WHERE title = "
                                     "(SELECT min(title) FROM asset WHERE kind::text ILIKE 'pdf' "
                                     f"AND id = {instance.id('asset', 'report')})")
            os.truncate(instance.store / name, (4 << 30) + 4097)
            for level in ("0", "1"):
                with self.subTest(level=level):
                    package = lib.new_path(".zip")
                    done = lib.run(*process.arguments(instance, package, "--compression-level",
                                                      level), timeout=1200)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertGreater(max(self.sizes(package).values()), 4 << 30)
                    if level == "0":
                        self.assertGreater(package.stat().st_size, 4 << 30)
                    self.every_tool(package)
                    self.unpacked(package, "unzip")
                    package.unlink()


if __name__ == "__main__":
    unittest.main()
