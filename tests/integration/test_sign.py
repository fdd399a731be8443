"""Signed packages, from the key to the one who trusts it; OpenSSL's own tool
checks and makes what the program makes and checks."""

import base64
import errno
import functools
import hashlib
import json
import shutil
import signal
import subprocess
import unittest
import zipfile

import lib
import process
from process import Running, arguments, leftovers, preloaded, wait_until
from proxy import Proxy

SIGNATURE = "checksums.sha256.sig"
WORD = "grüner Hund"


def openssl(*argv):
    return subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True).stdout


@functools.lru_cache(maxsize=None)
def keys():
    """ana (plain) and word (with a passphrase) by keygen, ben by openssl."""
    folder = lib.new_path("-keys")
    folder.mkdir()
    (folder / "passphrase").write_text(WORD + "\n", encoding="utf-8")
    (folder / "wrong").write_text("grauer Hund\n", encoding="utf-8")
    for name in ("passphrase", "wrong"):
        (folder / name).chmod(0o600)
    for name, how in (("ana", ["--no-passphrase"]), ("word", ["--passphrase-file", folder / "passphrase"])):
        assert lib.run("keygen", *how, folder / name).returncode == 0
    openssl("genpkey", "-algorithm", "ed25519", "-out", folder / "ben.key")
    openssl("pkey", "-in", folder / "ben.key", "-pubout", "-out", folder / "ben.pub")
    (folder / "ben.key").chmod(0o600)
    return folder


def fingerprint(name):
    public = openssl("pkey", "-pubin", "-in", keys() / f"{name}.pub", "-outform", "DER")[-32:]
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


class Case(process.Case):

    def export(self, *options, path=None, env=None, **more):
        return lib.run(*arguments(self.instance, path or self.path, "--progress", "none", *options),
                       env=env, **more)

    def signed(self, name="ana", *options):
        done = self.export("--sign", keys() / f"{name}.key", "--json", *options)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return json.loads(done.stdout)["packages"][0]

    def validate(self, path, *trust):
        done = lib.run("validate", "--json", path,
                       *[word for name in trust for word in ("--trust", keys() / f"{name}.pub")])
        return json.loads(done.stdout)["packages"][0]

    def nothing_is_left(self):
        self.assertEqual([p.name for p in self.folder.iterdir()], [])


class Signed(Case):

    def test_from_the_key_to_the_one_who_trusts(self):
        for name in ("ana", "ben"):
            result = self.signed(name, "--force")
            self.assertEqual(result["signature"]["state"], "own")
            self.assertEqual(result["signature"]["fingerprint"], fingerprint(name))
            package = lib.Package(self.path)
            self.assertEqual(package.names[-2:], ["checksums.sha256", SIGNATURE])
            self.assertEqual(result["entries"], len(package.names))
            self.assertEqual(package.manifest["signature"], {
                "algorithm": "Ed25519", "public_key": result["signature"]["public_key"]})
            found = self.validate(self.path, name)
            self.assertIn(found["code"], (0, 3), found)
            self.assertEqual(set(found["found"]) - lib.HARMLESS, set())
            self.assertEqual(found["package"]["signature"]["state"], "trusted")
            self.assertEqual(found["package"]["profile"], "native")

    def test_another_key_and_none(self):
        self.signed()
        found = self.validate(self.path, "ben")
        self.assertEqual((found["code"], found["found"]["untrusted"]), (5, 1))
        self.assertEqual(self.validate(self.path, "ben", "ana")["package"]["signature"]["trusted_as"],
                         "ana.pub")
        self.path.unlink()
        done = self.export("--json")
        self.assertEqual(json.loads(done.stdout)["packages"][0]["signature"], {"state": "unsigned"})
        self.assertNotIn("signature", lib.Package(self.path).manifest)
        found = self.validate(self.path, "ana")
        self.assertEqual((found["code"], found["found"]["unsigned"]), (5, 1))

    def test_people_are_told(self):
        done = self.export("--sign", keys() / "ana.key")
        self.assertIn(f"signed by {fingerprint('ana')}\n", done.stderr.decode())
        done = self.export("--force")
        self.assertRegex(done.stderr.decode(), r"(?m)^wrote .*run\.zip: .*; unsigned$")

    def test_openssl_says_the_same_of_the_unpacked(self):
        self.signed()
        with zipfile.ZipFile(self.path) as package:
            package.extractall(self.folder / "out")
        verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-in", "checksums.sha256",
                  "-sigfile", SIGNATURE, "-inkey"]
        for name, code in (("ana", 0), ("ben", 1)):
            done = subprocess.run([*verify, keys() / f"{name}.pub"], cwd=self.folder / "out",
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "checksums.sha256"],
                       cwd=self.folder / "out", check=True)

    def test_it_survives_being_packed_anew(self):
        self.signed()
        for root in ("", "a folder/"):
            out, again = self.folder / f"out{len(root)}", self.folder / f"again{len(root)}.zip"
            (out / root).mkdir(parents=True)
            subprocess.run(["unzip", "-q", self.path, "-d", out / root], check=True)
            subprocess.run(["zip", "-q", "-r", again, "."], cwd=out, check=True)
            found = self.validate(again, "ana")
            self.assertEqual((found["code"], found["package"]["profile"]), (3, "foreign"), found)
            self.assertEqual(found["package"]["signature"]["state"], "trusted")
            self.assertEqual(self.validate(again, "ben")["code"], 5)

    def test_through_a_pipe(self):
        done = self.export("--sign", keys() / "ana.key", path="-")
        self.assertIn(done.returncode, (0, 3), done.stderr)
        self.path.write_bytes(done.stdout)
        self.assertEqual(self.validate(self.path, "ana")["package"]["signature"]["state"], "trusted")

    def test_only_the_signature_differs(self):
        """The rows don't know that they are signed."""
        signed, unsigned = self.folder / "a.zip", self.folder / "b.zip"
        self.export("--sign", keys() / "ana.key", path=signed)
        self.export(path=unsigned)
        own = {"manifest.json", "checksums.sha256", SIGNATURE}
        one, two = lib.Package(signed), lib.Package(unsigned)
        for name in set(one.names) | set(two.names):
            if name not in own:
                self.assertEqual(one.data(name), two.data(name), name)


class Passphrase(Case):

    def test_from_a_file_and_from_standard_input(self):
        for options, more in ((["--passphrase-file", keys() / "passphrase"], {}),
                              (["--passphrase-file", "-"], {"input": (WORD + "\n").encode()})):
            done = self.export("--sign", keys() / "word.key", "--force", *options, **more)
            self.assertIn(done.returncode, (0, 3), done.stderr)
            self.assertEqual(self.validate(self.path, "word")["package"]["signature"]["state"], "trusted")

    def test_a_wrong_one_ends_it_before_anything_is_asked_of_the_database(self):
        done = lib.run("export", "run", "1", "--db", "host=/nowhere", "-o", self.path, "--sign",
                       keys() / "word.key", "--passphrase-file", keys() / "wrong")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"is wrong", done.stderr)
        self.assertNotIn("Hund".encode(), done.stderr)
        self.nothing_is_left()

    def test_on_the_terminal(self):
        with Running(*arguments(self.instance, self.path, "--sign", keys() / "word.key"),
                     terminal=True) as program:
            program.wait_for(b"Passphrase of ")
            program.type((WORD + "\n").encode())
            self.assertIn(program.end(), (0, 3), program.err)
            self.assertNotIn("Hund".encode(), program.err)
        self.assertEqual(self.validate(self.path, "word")["package"]["signature"]["state"], "trusted")

    def test_ctrl_c_at_the_question(self):
        with Running(*arguments(self.instance, self.path, "--sign", keys() / "word.key"),
                     terminal=True) as program:
            program.wait_for(b"Passphrase of ")
            program.type(b"\x03")
            self.assertEqual(program.end(), 130, program.err)
        self.nothing_is_left()


class Refused(Case):

    def refuse(self, key, text, code=2):
        done = self.export("--sign", key)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(text, done.stderr.decode())
        self.nothing_is_left()

    def test_keys_that_are_none(self):
        place = lib.new_path("-bad-keys")
        place.mkdir()
        for name, kind in (("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
                           ("ec", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                           ("x25519", ["-algorithm", "X25519"])):
            openssl("genpkey", *kind, "-out", place / name)
            (place / name).chmod(0o600)
            self.refuse(place / name, "instead of Ed25519")
        openssl("pkey", "-in", keys() / "ana.key", "-outform", "DER", "-out", place / "der")
        (place / "empty").write_bytes(b"")
        for name in ("der", "empty"):
            (place / name).chmod(0o600)
            self.refuse(place / name, "isn't one key in PEM form")
        shutil.copy(keys() / "ana.pub", place / "public")
        (place / "public").chmod(0o600)
        self.refuse(place / "public", "holds a public key")
        self.refuse(place, "can't read", 1)
        self.refuse(place / "none", "can't open", 1)
        shutil.copy(keys() / "ana.key", place / "open")
        for mode in (0o640, 0o644, 0o604):
            (place / "open").chmod(mode)
            self.refuse(place / "open", "others may read or change it")


class Failing(Case):

    def test_whatever_fails_leaves_nothing(self):
        """Each write, fsync and rename of a signed export, once."""
        log = self.folder.parent / f"{self.folder.name}.log"
        done = self.export("--sign", keys() / "ana.key", env=preloaded("fault", FAULT_LOG=str(log)))
        self.assertIn(done.returncode, (0, 3), done.stderr)
        self.path.unlink()
        numbers = [number for number, line in enumerate(log.read_text().splitlines(), 1)
                   if line[0] in "wfr"]
        self.assertGreater(len(numbers), 5)
        for number in numbers if lib.FULL else numbers[-12:]:
            with self.subTest(number):
                done = self.export("--sign", keys() / "ana.key", env=preloaded(
                    "fault", FAULT_AT=str(number), FAULT_ERRNO=str(errno.EIO)))
                if self.path.exists():
                    self.assertEqual(self.validate(self.path, "ana")["package"]["signature"]["state"],
                                     "trusted")
                    self.path.unlink()
                self.assertEqual(leftovers(self.folder), [])
                self.nothing_is_left()

    def test_cancelled_while_the_package_is_written(self):
        dsn = self.instance.db
        with Proxy(dsn.host) as proxy:
            done = lib.run(*arguments(self.instance, "-", dsn=proxy.dsn(dsn)))
            self.assertIn(done.returncode, (0, 3), done.stderr)
            middle = proxy.sent * 3 // 4
        with Proxy(dsn.host) as proxy:
            proxy.after, proxy.then = middle, "hold"
            with Running(*arguments(self.instance, self.path, "--sign", keys() / "ana.key",
                                    dsn=proxy.dsn(dsn))) as program:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                wait_until(lambda: leftovers(self.folder), what="a temporary file")
                program.send(signal.SIGINT)
                self.assertEqual(program.end(), 130, program.err)
                proxy.release()
        self.nothing_is_left()


if __name__ == "__main__":
    unittest.main()
