"""What rclone says of a storage: real words of it, and what a reader is told of them."""

from __future__ import annotations

import unittest

from audio_meet.recorder.storage_words import CUT, meaning

# Numbers and words of other troubles are everywhere: in the time of a recording, a room's name, a mark of S3.
RECORDING = "20261123T140313Z-507-x509"
MARKS = "request id: EOF403507, host id: aFxk/EOF/AccessDenied+507="


def said(trouble: str, verb: str = "copyto") -> str:
    """As rclone 1.60 writes it at the notice level."""
    name = f"{RECORDING}/EOF_2026.ogg"
    return (
        f"2026/11/23 14:25:57 ERROR : {name}: Failed to copy: {trouble}\n"
        f"2026/11/23 14:25:57 ERROR : Attempt 1/1 failed with 1 errors and: {trouble}\n"
        f"2026/11/23 14:25:57 Failed to {verb}: {trouble}\n"
    )


def unanswered(why: str) -> str:
    return (
        "RequestError: send request failed\n"
        f'caused by: Head "https://x509.example.org:507/meet/{RECORDING}/403.ogg?X-Signature=ab": {why}'
    )


class Words(unittest.TestCase):
    def test_each_trouble_is_told_by_what_rclone_prints_and_not_by_names(self) -> None:
        modern = (
            "operation error S3: PutObject, https response error StatusCode: 403, RequestID: 507, HostID: EOF"
        )
        for trouble, cause in (
            (unanswered("dial tcp 10.0.0.1:403: connect: connection refused"), "does not answer"),
            (
                unanswered("dial tcp: lookup x509.example.org on 127.0.0.53:53: no such host"),
                "does not resolve",
            ),
            (
                unanswered("tls: failed to verify certificate: x509: unknown authority"),
                "certificate is refused",
            ),
            (unanswered("dial tcp 10.0.0.1:9: connect: operation not permitted"), "blocks connections"),
            (unanswered("dial tcp: socket: address family not supported by protocol"), "blocks connections"),
            (unanswered("EOF"), CUT),
            (unanswered("write tcp 10.0.0.2:9->10.0.0.1:4: write: connection reset by peer"), CUT),
            (unanswered("write tcp 10.0.0.2:9->10.0.0.1:4: write: broken pipe"), CUT),
            (unanswered("net/http: TLS handshake timeout"), "does not answer"),
            (f"Forbidden: Forbidden\n\tstatus code: 403, {MARKS}", "denies access with these keys"),
            (f"AccessDenied: Access Denied.\n\tstatus code: 403, {MARKS}", "denies access with these keys"),
            (f"{modern}, api error AccessDenied: no", "denies access with these keys"),
            (f"SignatureDoesNotMatch: no.\n\tstatus code: 403, {MARKS}", "does not know these keys"),
            (f"{modern}, api error InvalidAccessKeyId: no", "does not know these keys"),
            ("Failed to rcat: XAdminUserNotFound: No user exists", "does not know these keys"),
            (f"RequestTimeTooSkewed: no.\n\tstatus code: 403, {MARKS}", "clock of this host"),
            (f"NoSuchBucket: no.\n\tstatus code: 404, {MARKS}", "no such bucket"),
            ("directory not found", "no such bucket"),
            (f"SlowDown: Insufficient Storage\n\tstatus code: 507, {MARKS}", "storage is full"),
            (f"XMinioStorageFull: no.\n\tstatus code: 400, {MARKS}", "storage is full"),
        ):
            with self.subTest(trouble):
                self.assertIn(cause, meaning(said(trouble))[0].partition(" (")[0])

    def test_a_storage_that_answers_a_small_question_is_not_silent(self) -> None:
        words = said(unanswered("dial tcp 10.0.0.1:403: i/o timeout"))
        self.assertIn("does not answer", meaning(words)[0])
        self.assertIn(CUT, meaning(words, answers=True)[0])
        refused = said("AccessDenied: no.\n\tstatus code: 403")
        self.assertEqual(meaning(refused, answers=True), meaning(refused))

    def test_what_is_new_is_told_as_rclone_says_it(self) -> None:
        cause, remedy = meaning(said(f"InternalError: try later\n\tstatus code: 500, {MARKS}"))
        self.assertRegex(cause, "^Failed to copyto: InternalError: try later status code: 500")
        self.assertEqual(remedy, "see the storage's own log")
        self.assertEqual(meaning("did not end within 240 s")[0], "did not end within 240 s")
        self.assertEqual(meaning("")[0], "rclone printed no error")

    def test_what_is_told_names_the_object_and_no_signature(self) -> None:
        cause, _ = meaning(said(unanswered("dial tcp 10.0.0.1:403: connect: connection refused")))
        self.assertRegex(cause, f"Head .*{RECORDING}.*connection refused")
        self.assertNotIn("Signature", cause)


if __name__ == "__main__":
    unittest.main()
