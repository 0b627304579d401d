module audio-meet/lab/packages/keys

go 1.26.0
