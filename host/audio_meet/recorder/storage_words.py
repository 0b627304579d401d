"""What rclone says of a storage, and what that means to whoever reads it."""

from __future__ import annotations

import re

SILENT = "the storage does not answer"
CUT = "the connection was cut half way"
REPAIR_WAY = "check the network to the storage"
# A pattern of what rclone and S3 say, the cause, the remedy; the first that fits is taken. S3's code of an
# error is a word of its own; a newer rclone writes the status as "StatusCode: 403".
TROUBLES = (
    (
        r"\bNoSuchBucket\b|\bdirectory not found\b",
        "there is no such bucket",
        "create it, or correct storage.bucket",
    ),
    (
        r"\b(InvalidAccessKeyId|XAdminUserNotFound|SignatureDoesNotMatch|InvalidClientTokenId|AuthFailure)\b",
        "the storage does not know these keys",
        "set jitsi:recordingAccessKey and jitsi:recordingSecretKey again",
    ),
    (
        r"\b(NoCredentialProviders|EC2RoleRequestError)\b|no EC2 IMDS role",
        "this instance has no IAM role with access to the bucket",
        "attach an instance profile, or set the access keys of the storage",
    ),
    (r"\bRequestTimeTooSkewed\b", "the clock of this host is wrong", "synchronise it"),
    (
        r"\b(QuotaExceeded|XMinioStorageFull)\b|\b(?i:status ?code): 507\b",
        "the storage is full",
        "free space there",
    ),
    (
        r"\bAccessDenied\b|\bForbidden\b|\b(?i:status ?code): 403\b",
        "the storage denies access with these keys",
        "set jitsi:recordingAccessKey and jitsi:recordingSecretKey again, or let them read and write there",
    ),
    (
        r"\bx509: |\btls: [^:]*certificate",
        "the storage's certificate is refused",
        "set its CA certificates in storage.caBundle",
    ),
    # EPERM of a firewall (of DNS) or of SystemCallFilter=, EAFNOSUPPORT of RestrictAddressFamilies=
    (
        r"\b(connect|write|sendto|socket): (operation not permitted|permission denied|address family not)",
        "this host blocks connections to the storage",
        "see the rules of its firewall, by address and by user",
    ),
    (
        r"\bno such host\b",
        "the storage's name does not resolve",
        "correct storage.endpoint, or the host's DNS",
    ),
    (
        r"\b(connection refused|i/o timeout|network is unreachable|no route to host|handshake timeout)\b"
        r"|\b(timeout awaiting response headers|deadline exceeded)\b",
        SILENT,
        "check the storage and the network to it",
    ),
    (
        r"\bEOF\b|\bunexpected end\b|\bsend request failed\b|\bconnection reset\b|\bbroken pipe\b"
        r"|\bclosed network connection\b|\bserver closed\b",
        CUT,
        REPAIR_WAY,
    ),
)

# What names something, so that neither a recording of 14:03:13 nor a room "x509" looks like a trouble:
# addresses, hosts that were looked up, paths, and S3's marks of one request.
NAMES = re.compile(
    r"\"?https?://[^\s\"]*\"?|\blookup \S+|(?<![\w.])/\S+|\b(request|host) ?id: [^\s,]*", re.IGNORECASE
)
# rclone's last word, without the lines about each file before it, which begin with the file's name.
LAST_WORD = re.compile(r".*\b(?=Failed to [^:\n]+: )", re.DOTALL)
QUERY = re.compile(r"\?[^\s\"]*")
LONGEST = 300


def meaning(words: str, *, answers: bool = False) -> tuple[str, str]:
    """Cause, with what rclone said in brackets, and remedy, from what rclone wrote to stderr.

    `answers`: the storage has just answered a small question well, so that it is there and lets us in.
    """
    last = LAST_WORD.sub("", words, count=1)
    # queries of signed addresses say much and help nobody
    said = " ".join(QUERY.sub("", last).split())[:LONGEST] or "rclone printed no error"
    text = NAMES.sub(" ", last)
    for pattern, cause, remedy in TROUBLES:
        if re.search(pattern, text):
            if answers and cause == SILENT:
                cause, remedy = CUT, REPAIR_WAY
            return f"{cause} ({said})", remedy
    return said, "see the storage's own log"
