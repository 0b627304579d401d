#!/bin/sh
# Runs once per image, on the host: $1 is the root of the new image.
set -eu
root=$1

# Every guest is an individual: identity comes with `lab create`, never from the image.
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/hostname
: >"$root/etc/machine-id"

# The only host key is the one that is pinned before the first boot.
cat >"$root/etc/ssh/sshd_config.d/00-lab.conf" <<'EOF'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
EOF

# The address is configured by networkd; boot does not hang on a link that never comes.
mkdir -p "$root/etc/systemd/system/systemd-networkd-wait-online.service.d"
cat >"$root/etc/systemd/system/systemd-networkd-wait-online.service.d/bounded.conf" <<'EOF'
[Service]
ExecStart=
ExecStart=/lib/systemd/systemd-networkd-wait-online --interface=host0 --timeout=15
EOF
systemctl --root="$root" --quiet enable systemd-networkd.service ssh.service

# Nothing works behind the operator's back, and no console waits for a login.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer man-db.timer fstrim.timer \
  e2scrub_all.timer motd-news.timer sshd-keygen.service console-getty.service systemd-resolved.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=64M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"

printf 'LANG=C.UTF-8\n' >"$root/etc/default/locale"

# Packages with alternatives (Java) want the manual's folders although no page is installed.
for section in 1 2 3 4 5 6 7 8; do
  mkdir -p "$root/usr/share/man/man$section"
done
