import { bucketPolicy, recorderPolicy } from "../../plan/recordingAccess";

const statement = (policy: ReturnType<typeof recorderPolicy>, sid: string) =>
  policy.Statement.find(({ Sid }) => Sid === sid);

describe("a recorder", () => {
  const policy = recorderPolicy({ bucket: "meet-recordings", prefix: "team/meet" });

  test("writes and reads below its folder, and lists nothing else", () => {
    expect(statement(policy, "WriteAndReadBack")?.["Resource"]).toBe(
      "arn:aws:s3:::meet-recordings/team/meet/*",
    );
    expect(statement(policy, "SeeWhatIsThere")).toMatchObject({
      Resource: "arn:aws:s3:::meet-recordings",
      Condition: { StringLikeIfExists: { "s3:prefix": ["team/meet", "team/meet/*"] } },
    });
  });

  test("deletes its probe and no recording, and no version of anything", () => {
    const deleting = policy.Statement.filter(({ Action }) =>
      [Action].flat().some((one) => /Delete/.test(String(one))),
    );
    expect(deleting).toEqual([
      expect.objectContaining({
        Action: "s3:DeleteObject",
        Resource: "arn:aws:s3:::meet-recordings/team/meet/.audio-meet-probe-*",
      }),
    ]);
    expect(JSON.stringify(policy)).not.toMatch(/s3:\*|"\*"/);
  });

  test("without a folder has the whole bucket", () => {
    const whole = recorderPolicy({ bucket: "meet-recordings", prefix: "" });
    expect(statement(whole, "WriteAndReadBack")?.["Resource"]).toBe("arn:aws:s3:::meet-recordings/*");
    expect(statement(whole, "SeeWhatIsThere")).not.toHaveProperty("Condition");
  });
});

test("a bucket of ours refuses everybody who comes without TLS", () => {
  expect(bucketPolicy("meet-recordings").Statement).toEqual([
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: ["arn:aws:s3:::meet-recordings", "arn:aws:s3:::meet-recordings/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
});
