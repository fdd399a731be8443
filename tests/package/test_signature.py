#!/usr/bin/env python3
"""Who made a package: keys as keygen and openssl make them, packages that
openssl signed, and all that must be refused."""

import base64
import functools
import hashlib
import json
import os
import pty
import stat
import subprocess
import termios
import unittest
from pathlib import Path

import test_foreign
import zips
from lib import SPACEPORT, PackageTest

SIGNATURE = "checksums.sha256.sig"


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options).stdout


def spaceport(*arguments, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([SPACEPORT, *map(str, arguments)], capture_output=True, text=True, check=False,
                          timeout=60, **options)


@functools.lru_cache(maxsize=None)
def make_key(folder, name):
    """NAME.key and NAME.pub as openssl makes them; the 32 bytes of the public one."""
    private, public = folder / (name + ".key"), folder / (name + ".pub")
    openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    private.chmod(0o600)
    return openssl("pkey", "-in", private, "-pubout", "-outform", "DER")[-32:]


def fingerprint(public):
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


class SignatureTest(PackageTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = Path(cls.folder.name)
        cls.ana, cls.ben = (make_key(cls.keys, name) for name in ("ana", "ben"))

    def key(self, name):
        return self.keys / name

    def sign(self, text, name="ana"):
        (self.keys / "text").write_bytes(text)
        return openssl("pkeyutl", "-sign", "-inkey", self.key(name + ".key"), "-rawin", "-in",
                       self.keys / "text")

    def name_key(self, public, algorithm="Ed25519"):
        """What makes a manifest name this key."""
        def change(manifest):
            manifest["signature"] = {"algorithm": algorithm,
                                     "public_key": base64.b64encode(public).decode()}
        return change

    def parts(self, change=None, by="ana", **more):
        """The entries of a package that is signed."""
        whole = zips.sealed(zips.parts(), change or self.name_key(self.ana), **more)
        return whole + [(SIGNATURE, self.sign(whole[-1][1], by))]

    def packed(self, whole):
        return zips.build(zips.entries(whole[:-1]) + [zips.Entry(SIGNATURE.encode(), whole[-1][1], method=0)])

    def refused(self, data, code, *options):
        verdict = self.validate(data, *options)
        self.assertEqual(verdict.code, 5, str(verdict))
        self.assertEqual(set(verdict.found), {code}, str(verdict))
        return verdict


class Signed(SignatureTest):

    def test_a_signed_package_says_by_whom(self):
        verdict = self.validate(self.packed(self.parts()))
        self.assertEqual(verdict.code, 0, str(verdict))
        self.assertEqual(verdict.result["package"]["profile"], "native")
        self.assertEqual(verdict.result["package"]["signature"],
                         {"state": "signed", "algorithm": "Ed25519", "fingerprint": fingerprint(self.ana),
                          "public_key": base64.b64encode(self.ana).decode()})
        text = spaceport("validate", self.path).stdout
        self.assertIn(f"good; 15 entries, ", text)
        self.assertIn(f"; signed by {fingerprint(self.ana)} (not checked against a trusted key)", text)
        text = spaceport("inspect", self.path).stdout
        self.assertRegex(text, r"(?m)^Signature +signed by SHA256:\S{43} \(not checked against a trusted key\)$")

    def test_one_of_the_trusted_keys_suffices(self):
        for options in (["--trust", self.key("ana.pub")],
                        ["--trust", self.key("ben.pub"), "--trust", self.key("ana.pub")]):
            verdict = self.validate(self.packed(self.parts()), *map(str, options))
            self.assertEqual(verdict.code, 0, str(verdict))
            signature = verdict.result["package"]["signature"]
            self.assertEqual((signature["state"], signature["trusted_as"]), ("trusted", "ana.pub"))
            for command in ("validate", "inspect"):
                done = spaceport(command, self.path, *options)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"signed by {fingerprint(self.ana)}, trusted (ana.pub)", done.stdout)

    def test_another_key_is_refused(self):
        data = self.packed(self.parts())
        verdict = self.refused(data, "untrusted", "--trust", str(self.key("ben.pub")))
        self.assertEqual(verdict.result["verdict"], "untrusted")
        self.assertEqual(verdict.result["package"]["signature"]["state"], "untrusted")
        done = spaceport("validate", self.path, "--trust", self.key("ben.pub"))
        self.assertIn("refused: not signed with a trusted key; ", done.stdout)
        self.assertIn("name it with --trust", done.stdout)
        done = spaceport("inspect", self.path, "--trust", self.key("ben.pub"))
        self.assertEqual(done.returncode, 5)
        self.assertIn(f"signed by {fingerprint(self.ana)}, which is none of the trusted keys", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_an_unsigned_package_says_so_and_is_refused_where_trust_is_asked_for(self):
        verdict = self.validate(zips.package())
        self.assertEqual(verdict.code, 0)
        self.assertEqual(verdict.result["package"]["signature"], {"state": "unsigned"})
        self.assertRegex(spaceport("validate", self.path).stdout, r"; unsigned\n")
        self.assertRegex(spaceport("inspect", self.path).stdout, r"(?m)^Signature +unsigned$")
        self.refused(zips.package(), "unsigned", "--trust", str(self.key("ana.pub")))
        done = spaceport("inspect", self.path, "--trust", self.key("ana.pub"))
        self.assertEqual(done.returncode, 5)
        self.assertIn("it isn't signed", done.stderr)
        self.assertIn("Have it exported with --sign", done.stderr)

    def test_of_several_packages_each_is_judged(self):
        second = self.path.with_name("b.zip")
        second.write_bytes(self.packed(self.parts()))
        self.path.write_bytes(zips.package())
        done = spaceport("validate", "--json", "--trust", self.key("ana.pub"), self.path, second)
        self.assertEqual(done.returncode, 5)
        self.assertEqual([p["verdict"] for p in json.loads(done.stdout)["packages"]], ["untrusted", "good"])


    def test_packages_of_other_formats_are_unsigned(self):
        universal = test_foreign.zip_by_python(
            (path, data if isinstance(data, bytes) else json.dumps(data))
            for path, data in test_foreign.universal().items())
        for data in (universal, (test_foreign.HQ / "2026-05-run.zip").read_bytes()):
            verdict = self.validate(data)
            self.assertEqual(verdict.code, 3, str(verdict))
            self.assertEqual(verdict.result["package"]["signature"], {"state": "unsigned"})
            self.assertRegex(spaceport("inspect", self.path).stdout, r"(?m)^Signature +unsigned$")
            verdict = self.validate(data, "--trust", str(self.key("ana.pub")))
            self.assertEqual((verdict.code, verdict.result["verdict"]), (5, "untrusted"), str(verdict))
            self.assertEqual(verdict.found["unsigned"], 1)
            self.assertEqual(spaceport("inspect", self.path, "--trust", self.key("ana.pub")).returncode, 5)


class Forged(SignatureTest):

    def test_every_flipped_bit_of_the_signature_is_refused(self):
        whole, paths = self.parts(), []
        for bit in range(8 * 64):
            signature = bytearray(whole[-1][1])
            signature[bit // 8] ^= 1 << bit % 8
            paths.append(self.keys / f"bit{bit}.zip")
            paths[-1].write_bytes(self.packed(whole[:-1] + [(SIGNATURE, bytes(signature))]))
        found = json.loads(spaceport("validate", "--json", *paths).stdout)["packages"]
        self.assertEqual(len(found), 8 * 64)
        for package in found:
            self.assertEqual((package["code"], package["found"]), (5, {"signature": 1}), package["file"])

    def test_a_changed_package_with_new_checksums_is_refused(self):
        """What checksums alone can't see."""
        changed = zips.parts()
        changed[-2][3] = changed[-2][3].replace(b"ana", b"eve")
        whole = zips.sealed(changed, self.name_key(self.ana))
        self.assertEqual(self.validate(zips.package(zips.sealed(changed))).code, 0)
        self.refused(self.packed(whole + [(SIGNATURE, self.parts()[-1][1])]), "signature")

    def test_a_swapped_key_is_another_signer(self):
        eve = make_key(self.keys, "eve")
        data = self.packed(self.parts(self.name_key(eve), by="eve"))
        self.assertEqual(self.validate(data).code, 0)
        self.refused(data, "untrusted", "--trust", str(self.key("ana.pub")))
        # only named, but not signed by
        self.refused(self.packed(self.parts(self.name_key(self.ana), by="eve")), "signature",
                     "--trust", str(self.key("ana.pub")))

    def test_a_taken_away_signature_is_noticed(self):
        whole = self.parts()
        verdict = self.refused(zips.package(whole[:-1]), "signature")
        self.assertIn("it is missing", verdict.findings[0]["text"])
        # where the manifest was changed as well, only trust notices it
        self.refused(zips.package(), "unsigned", "--trust", str(self.key("ana.pub")))

    def test_a_signature_that_nothing_names_is_refused(self):
        whole = zips.sealed(zips.parts())
        self.refused(self.packed(whole + [(SIGNATURE, self.sign(whole[-1][1]))]), "signature")

    def test_a_signature_of_another_length_is_none(self):
        whole = self.parts()
        for signature in (b"", whole[-1][1][:-1], whole[-1][1] + b"\0", whole[-1][1] * 5000):
            self.refused(self.packed(whole[:-1] + [(SIGNATURE, signature)]), "signature")

    def test_what_the_manifest_says_must_be_a_signature(self):
        for member in ({}, "Ed25519", {"algorithm": "Ed25519"}, {"algorithm": 1, "public_key": ""},
                       {"algorithm": "Ed25519", "public_key": base64.b64encode(self.ana + b"x").decode()},
                       {"algorithm": "Ed25519", "public_key": base64.b64encode(self.ana).decode()[:-1]},
                       {"algorithm": "Ed25519", "public_key": self.ana.hex()}, None):
            with self.subTest(member):
                self.refused(self.packed(self.parts(lambda m: m.update(signature=member))), "signature")

    def test_a_kind_of_signature_that_is_to_come(self):
        data = self.packed(self.parts(self.name_key(self.ana, "Ed448")))
        for options in ([], ["--trust", str(self.key("ana.pub"))]):
            verdict = self.validate(data, *options)
            self.assertEqual(verdict.code, 6, str(verdict))
            self.assertEqual(set(verdict.found), {"newer-feature"})

    def test_of_a_damaged_package_nothing_is_said(self):
        whole = [(path, data.replace(b"Titel 1", b"Titel 7")) for path, data in self.parts()]
        verdict = self.refused(self.packed(whole), "checksum", "--trust", str(self.key("ana.pub")))
        self.assertNotIn("signature", verdict.result["package"])
        self.assertEqual(verdict.result["verdict"], "damaged")

    def test_the_signature_comes_last(self):
        whole = self.parts()
        verdict = self.validate(zips.package(whole[:-2] + whole[-1:] + whole[-2:-1]),
                                "--trust", str(self.key("ana.pub")))
        self.assertEqual((verdict.code, set(verdict.found)), (3, {"order"}), str(verdict))


class Trusted(SignatureTest):
    """What --trust names must be public Ed25519 keys; nothing is read otherwise."""

    def refuse(self, path, text):
        for command in ("validate", "inspect"):
            done = spaceport(command, self.path, "--trust", path)
            self.assertIn(done.returncode, (1, 2), path)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_other_keys(self):
        self.path.write_bytes(self.packed(self.parts()))
        for name, kind in (("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
                           ("ec", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                           ("x25519", ["-algorithm", "X25519"])):
            openssl("genpkey", *kind, "-out", self.key(name + ".key"))
            openssl("pkey", "-in", self.key(name + ".key"), "-pubout", "-out", self.key(name + ".pub"))
            self.refuse(self.key(name + ".pub"), "instead of Ed25519")

    def test_other_files(self):
        self.path.write_bytes(self.packed(self.parts()))
        openssl("pkey", "-in", self.key("ana.key"), "-pubout", "-outform", "DER", "-out", self.key("der"))
        self.key("empty").write_bytes(b"")
        self.refuse(self.key("der"), "isn't one key in PEM form")
        self.refuse(self.key("empty"), "isn't one key in PEM form")
        self.refuse(self.keys, "can't read")
        self.refuse(self.key("none"), "can't open")
        self.refuse(self.key("ana.key"), "holds a private key")


class Keygen(SignatureTest):

    def setUp(self):
        self.place = self.keys / self.id().rsplit(".", 1)[-1]
        self.place.mkdir()

    def test_a_key_without_passphrase(self):
        done = spaceport("keygen", "--no-passphrase", self.place / "a", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        public = openssl("pkey", "-in", self.place / "a.key", "-pubout", "-outform", "DER")[-32:]
        self.assertEqual(json.loads(done.stdout),
                         {"success": True, "private_key": str(self.place / "a.key"),
                          "public_key": str(self.place / "a.pub"), "fingerprint": fingerprint(public),
                          "passphrase": False})
        self.assertEqual(openssl("pkey", "-pubin", "-in", self.place / "a.pub", "-outform", "DER")[-32:], public)
        self.assertEqual(stat.S_IMODE((self.place / "a.key").stat().st_mode), 0o600)

    def test_two_keys_differ(self):
        for name in ("a", "b"):
            self.assertEqual(spaceport("keygen", "--no-passphrase", self.place / name).returncode, 0)
        self.assertNotEqual((self.place / "a.pub").read_bytes(), (self.place / "b.pub").read_bytes())

    def test_a_passphrase_from_a_file_or_descriptor(self):
        words = self.place / "words"
        words.write_bytes("grüner Hund\r\nnot this\n".encode())
        words.chmod(0o600)
        ours = spaceport("keygen", "--passphrase-file", words, self.place / "a")
        self.assertEqual(ours.returncode, 0, ours.stderr)
        piped = subprocess.run([SPACEPORT, "keygen", "--passphrase-file", "-", self.place / "b"], input=b"secret",
                               capture_output=True, check=False)
        self.assertEqual(piped.returncode, 0, piped.stderr)
        for name, word in (("a", "grüner Hund"), ("b", "secret")):
            openssl("pkey", "-in", self.place / (name + ".key"), "-passin", "pass:" + word, "-noout")
            self.assertIn("ENCRYPTED", (self.place / (name + ".key")).read_text())
        read, write = os.pipe()
        os.write(write, b"by descriptor\n")
        os.close(write)
        done = spaceport("keygen", "--passphrase-file", f"/dev/fd/{read}", self.place / "c", pass_fds=[read])
        os.close(read)
        self.assertEqual(done.returncode, 0, done.stderr)
        openssl("pkey", "-in", self.place / "c.key", "-passin", "pass:by descriptor", "-noout")

    def test_passphrases_that_are_none(self):
        for text, said in ((b"", "there is no passphrase"), (b"\nsecret\n", "there is no passphrase"),
                           (b"x" * 1025, "is too long")):
            done = subprocess.run([SPACEPORT, "keygen", "--passphrase-file", "-", self.place / "a"], input=text,
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr.decode())
        (self.place / "open").write_bytes(b"secret\n")
        (self.place / "open").chmod(0o644)
        done = spaceport("keygen", "--passphrase-file", self.place / "open", self.place / "a")
        self.assertEqual(done.returncode, 2)
        self.assertIn("others may read", done.stderr)
        self.assertEqual([p.name for p in self.place.iterdir()], ["open"])

    def test_without_a_terminal_nothing_is_guessed(self):
        done = spaceport("keygen", self.place / "a", start_new_session=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no terminal", done.stderr)
        self.assertIn("--passphrase-file", done.stderr)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_nothing_is_replaced(self):
        for name in ("a.key", "a.pub"):
            (self.place / name).write_bytes(b"mine")
            done = spaceport("keygen", "--no-passphrase", self.place / "a")
            self.assertEqual(done.returncode, 2)
            self.assertIn("exists already", done.stderr)
            self.assertEqual([(p.name, p.read_bytes()) for p in self.place.iterdir()], [(name, b"mine")])
            (self.place / name).unlink()


class Terminal:
    """keygen on a terminal of its own, asked and answered."""

    def __init__(self, *arguments):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ["LC_ALL"] = "C.UTF-8"
            os.execv(SPACEPORT, [SPACEPORT, *map(str, arguments)])
        self.shown = b""

    def wait_for(self, text):
        while text not in self.shown:
            self.shown += os.read(self.terminal, 4096)

    def answer(self, question, text):
        self.wait_for(question)
        # the question comes after the echo was switched off
        assert not termios.tcgetattr(self.terminal)[3] & termios.ECHO
        self.shown = self.shown.replace(question, b"")
        os.write(self.terminal, text)

    def end(self):
        try:
            while part := os.read(self.terminal, 4096):
                self.shown += part
        except OSError:  # it is closed on the other side
            pass
        _, status = os.waitpid(self.child, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status)


class Asked(SignatureTest):

    def setUp(self):
        self.name = self.keys / self.id().rsplit(".", 1)[-1]
        self.private = self.name.with_suffix(".key")

    def test_a_passphrase_is_asked_twice_and_never_shown(self):
        terminal = Terminal("keygen", self.name)
        terminal.answer(b"(none: Enter): ", b"geheim\n")
        terminal.answer(b"again: ", b"geheim\n")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertNotIn(b"geheim", terminal.shown)
        openssl("pkey", "-in", self.private, "-passin", "pass:geheim", "-noout")

    def test_two_that_differ(self):
        terminal = Terminal("keygen", self.name)
        terminal.answer(b"(none: Enter): ", b"geheim\n")
        terminal.answer(b"again: ", b"geheimer\n")
        self.assertEqual(terminal.end(), 2)
        self.assertIn(b"the two passphrases differ", terminal.shown)
        self.assertFalse(self.private.exists())

    def test_enter_means_none(self):
        terminal = Terminal("keygen", self.name)
        terminal.answer(b"(none: Enter): ", b"\n")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertIn("BEGIN PRIVATE KEY", self.private.read_text())

    def test_one_that_is_too_long(self):
        terminal = Terminal("keygen", self.name)
        terminal.answer(b"(none: Enter): ", b"x" * 1500 + b"\n")
        self.assertEqual(terminal.end(), 2)
        self.assertIn(b"is too long", terminal.shown)
        self.assertNotIn(b"xxxx", terminal.shown)

    def test_ctrl_c_gives_the_terminal_back(self):
        terminal = Terminal("keygen", self.name)
        before = termios.tcgetattr(terminal.terminal)
        terminal.answer(b"(none: Enter): ", b"half\x03")
        terminal.wait_for(b"interrupted")
        self.assertEqual(termios.tcgetattr(terminal.terminal)[3] | termios.ECHO, before[3] | termios.ECHO)
        self.assertTrue(termios.tcgetattr(terminal.terminal)[3] & termios.ECHO)
        self.assertEqual(terminal.end(), 130)
        self.assertNotIn(b"half", terminal.shown)
        self.assertFalse(self.private.exists())


if __name__ == "__main__":
    unittest.main()
