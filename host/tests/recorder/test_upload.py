"""Uploads to a real S3 server: what arrives, what stays, and what is said."""

from __future__ import annotations

import hashlib
import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

from audio_meet.recorder import storage, upload, upload_queue
from bucket import MISSING, CuttingProxy, Server
from daemon import Daemon
from recording_case import CONFIG, NAME, RecordingCase


@unittest.skipIf(MISSING, f"needs {', '.join(MISSING)} (lab/prepare.sh builds the storage)")
class Uploads(RecordingCase):
    def setUp(self) -> None:
        super().setUp()
        self.server = Server(self)
        self.document["storage"]["endpoint"] = self.server.endpoint
        self.keys = self.server.keys

    def arrived(self, name: str = NAME) -> bytes:
        return (self.server.objects / "meet" / name / "room_2026.ogg").read_bytes()

    def test_a_recording_arrives_with_its_checksum_and_leaves_the_disk(self) -> None:
        sound = self.handed_over()
        self.assertIn(NAME, self.upload())
        self.assertEqual(self.arrived(), sound)
        marker = json.loads((self.server.objects / "meet" / NAME / "complete.json").read_text())
        self.assertEqual(marker["files"]["room_2026.ogg"]["sha256"], hashlib.sha256(sound).hexdigest())
        self.assertEqual(marker["recorder"], "rec-1")
        self.assertEqual(self.here(), [])
        self.assertEqual(self.upload(), "")

    def test_one_in_parts_arrives_as_well(self) -> None:
        sound = self.handed_over(size=12_000_000)
        with mock.patch.object(storage, "FLAGS", (*storage.FLAGS, "--s3-upload-cutoff=5Mi")):
            self.upload()
        self.assertEqual(self.arrived(), sound)

    def test_a_storage_that_is_down_loses_nothing_and_gets_all_when_it_is_back(self) -> None:
        sound = self.handed_over()
        self.server.stop()
        self.assertRegex(self.upload_refused(), f"{NAME}.*does not answer.*check the storage")
        first = self.memory()
        self.assertEqual(self.upload(), "", "its time has not come")
        self.remember(next=0)
        self.upload_refused()
        second = self.memory()
        pauses = second["next"] - time.time(), first["next"] - time.time()
        self.assertGreater(pauses[0], 1.4 * pauses[1])
        self.server.start()
        self.remember(next=0)
        self.upload()
        self.assertEqual(self.arrived(), sound)
        self.assertEqual(self.here(), [])

    def test_wrong_keys_and_a_missing_bucket_are_named(self) -> None:
        self.handed_over()
        self.keys = {**self.server.keys, "secretKey": "another"}
        said = self.upload_refused()
        self.assertRegex(said, "does not know these keys.*recordingSecretKey")
        self.assertNotIn("another", said)
        self.keys = self.server.keys
        self.document["storage"]["bucket"] = "nowhere"
        self.remember(next=0)
        self.assertRegex(self.upload_refused(), "no such bucket.*storage.bucket")
        self.document["storage"]["bucket"] = "recordings"
        self.remember(next=0)
        self.upload()
        self.assertEqual(self.here(), [])

    def test_a_number_in_a_name_is_no_answer_of_the_storage(self) -> None:
        bucket = storage.Bucket(self.machine.root, self.config())
        for number in ("403", "507"):
            at = f'Put "https://s3.example/recordings/20261123T14{number}Z/sound.ogg"'
            cut = f"Failed to copyto: RequestError: send request failed\ncaused by: {at}: EOF"
            self.assertIn("cut half way", bucket._trouble(cut).cause)
        for answer in ("status code: 403, request id: 1", "StatusCode: 403, RequestID: 1"):
            self.assertIn(
                "denies access with these keys", bucket._trouble(f"Failed to copyto: {answer}").cause
            )
        self.assertIn("is full", bucket._trouble("Failed to copyto: status code: 507").cause)

    def test_whatever_a_large_file_failed_with_the_cause_is_asked_for_by_a_small_question(self) -> None:
        self.handed_over()
        for said in (
            "Failed to copyto: RequestError: send request failed",
            'Failed to copyto: Put "http://s": write tcp 1:2->3:4: write: connection reset by peer',
            "Failed to copyto: Get: dial tcp: i/o timeout",
            "Failed to copyto: what nobody has seen so far",
        ):
            self.document["storage"]["bucket"] = "nowhere"
            with self.failing("copyto", said):
                self.assertRegex(self.upload_refused(), "no such bucket.*storage.bucket", said)
                self.document["storage"]["bucket"] = "recordings"
                self.remember(next=0)
                answer = self.upload_refused()
            self.assertRegex(answer, "nobody has seen" if "nobody" in said else "cut half way", said)
            self.assertNotIn("does not answer", answer)
            self.remember(next=0)
        self.upload()

    def failing(self, verb: str, words: str) -> Any:
        """rclone's `verb` fails with these words, every other one works."""
        run = storage.Bucket._run

        def broken(bucket: storage.Bucket, *command: str, **more: Any) -> None:
            if command[0] == verb:
                raise bucket._trouble(words)
            run(bucket, *command, **more)

        return mock.patch.object(storage.Bucket, "_run", broken)

    def test_a_large_file_for_a_bucket_that_is_missing_names_the_bucket(self) -> None:
        # the server answers and closes while the file is still being sent; by what rclone says that differs
        self.handed_over(size=8_000_000)
        self.document["storage"]["bucket"] = "nowhere"
        for _ in range(2):
            self.assertRegex(self.upload_refused(), "no such bucket.*storage.bucket")
            self.remember(next=0)

    def test_two_probes_at_once_do_not_take_the_object_from_each_other(self) -> None:
        config = self.config()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: storage.Bucket(self.machine.root, config).probe(), range(4)))

    def test_a_connection_that_is_cut_half_way_is_tried_again(self) -> None:
        sound = self.handed_over(size=3_000_000)
        proxy = CuttingProxy(self, self.server, after_bytes=1_000_000)
        self.document["storage"]["endpoint"] = proxy.endpoint
        self.assertIn("cut half way", self.upload_refused())
        self.assertGreater(proxy.cuts, 0)
        self.assertTrue(any(name.endswith(".ogg") for name in self.here()))
        proxy.repair()
        self.remember(next=0)
        self.upload()
        self.assertEqual(self.arrived(), sound)

    def test_after_an_end_at_any_moment_the_next_run_goes_on(self) -> None:
        for method in ("put", "put_text", "read_back"):
            with (
                self.subTest(method),
                mock.patch.object(storage.Bucket, method, side_effect=KeyboardInterrupt),
            ):
                self.handed_over(f"{NAME}-{method}")
                self.write()
                with self.assertRaises(KeyboardInterrupt):
                    self.machine.cli("upload", CONFIG)
            self.upload()
            self.assertEqual(self.here(), [])

    def test_half_a_copy_is_never_taken_for_a_recording(self) -> None:
        self.handed_over()
        self.write()
        with (
            mock.patch.object(upload_queue.shutil, "rmtree", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.machine.cli("upload", CONFIG)
        (self.folder / "kept" / NAME / "metadata.json").unlink()
        self.assertEqual(self.upload(), "")
        self.assertEqual(self.here(), [])
        marker = json.loads((self.server.objects / "meet" / NAME / "complete.json").read_text())
        self.assertEqual(sorted(marker["files"]), ["metadata.json", "room_2026.ogg"])

    def test_one_that_cannot_be_read_holds_up_no_other(self) -> None:
        sound = self.handed_over(f"{NAME}-whole")
        self.handed_over(f"{NAME}-bad")
        digest = upload._digest

        def refuse(file: Path) -> Any:
            if "-bad" in str(file):
                raise PermissionError(13, "Permission denied", str(file))
            return digest(file)

        with mock.patch.object(upload, "_digest", refuse):
            self.assertRegex(self.upload_refused(), "-bad.*Permission denied.*uploaded: .*-whole")
        self.assertEqual(self.arrived(f"{NAME}-whole"), sound)
        self.assertTrue(all("-bad/" in name for name in self.here()))
        self.remember(f"{NAME}-bad", next=0)
        self.upload()
        self.assertEqual(self.here(), [])

    def test_a_folder_that_cannot_be_read_is_not_an_empty_one(self) -> None:
        self.handed_over()
        walk = upload.os.walk

        def refusing(folder: Path, onerror: Any = None) -> Any:
            if onerror:
                onerror(PermissionError(13, "Permission denied", str(folder)))
            return walk(folder)

        with mock.patch.object(upload.os, "walk", refusing):
            self.assertRegex(self.upload_refused(), "Permission denied; make it readable for the group jibri")
        self.assertEqual(len(self.here()), 2, "nothing is taken for arrived")

    def test_what_comes_back_changed_is_not_deleted(self) -> None:
        sound = self.handed_over()
        with mock.patch.object(storage.Bucket, "read_back", return_value=(len(sound), "0" * 64)):
            self.assertIn("another checksum", self.upload_refused())
        self.assertEqual(len(self.here()), 2)

    def test_a_link_is_no_part_of_a_recording(self) -> None:
        self.handed_over()
        (self.folder / "handover" / NAME / "loot").symlink_to(self.machine.root.path(CONFIG))
        (self.folder / "handover" / "folder").symlink_to("/etc")
        self.upload()
        stored = sorted(path.name for path in (self.server.objects / "meet" / NAME).iterdir())
        self.assertEqual(stored, ["complete.json", "metadata.json", "room_2026.ogg"])
        self.assertEqual([path.name for path in (self.server.objects / "meet").iterdir()], [NAME])

    def test_outcomes_are_told_and_giving_up_is_told_once(self) -> None:
        hook = Daemon(self, {})
        self.document["receivers"] = {"webhook": hook.url}
        self.handed_over()
        with mock.patch.dict(hook.answers, {"": {}, "/": {}}):
            self.server.stop()
            self.upload_refused()
            self.assertEqual(hook.asked, [])
            for _ in range(2):
                self.remember(next=0, since=time.time() - 8 * 86400)
                self.upload_refused()
            self.assertEqual([self.told(line)["event"] for line in hook.asked], ["recording.failed"])
            self.assertIn("does not answer", self.told(hook.asked[0])["reason"])
            self.server.start()
            self.remember(next=0)
            self.upload()
        last = self.told(hook.asked[-1])
        self.assertEqual((last["event"], last["recording"]), ("recording.arrived", NAME))
        self.assertEqual(last["place"], f"s3://recordings/meet/{NAME}")

    def told(self, line: str) -> dict[str, Any]:
        value = json.loads(line.partition("{")[1] + line.partition("{")[2])
        assert isinstance(value, dict)
        return value

    def test_a_copy_is_kept_for_its_days_unless_room_is_needed(self) -> None:
        self.document["keepDays"] = 2
        self.handed_over()
        self.upload()
        self.assertTrue(all(name.startswith(f"kept/{NAME}/") for name in self.here()))
        self.document["disk"]["resumeAbovePercent"] = 101
        upload_queue.clear_kept(self.config())
        self.assertEqual(self.here(), [])

    def test_the_probe_leaves_nothing(self) -> None:
        storage.Bucket(self.machine.root, self.config()).probe()
        self.assertEqual([path.name for path in self.server.objects.rglob("*") if path.is_file()], [])


if __name__ == "__main__":
    unittest.main()
