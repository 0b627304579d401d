#!/bin/sh
# Runs after customize-image.sh for Ubuntu and what stands near it: what a server of Ubuntu does differently from Debian's.
set -eu
root=$1

# Nobody logs in as root; `ubuntu` may become it without a password.
chroot "$root" useradd --create-home --shell /bin/bash --groups adm,sudo ubuntu
printf 'ubuntu ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/90-cloud-init-users"
chmod 440 "$root/etc/sudoers.d/90-cloud-init-users"
sed -i 's/^PermitRootLogin .*/PermitRootLogin no/' "$root/etc/ssh/sshd_config.d/00-lab.conf"

# Names are asked of resolved, by its stub.
rm -f "$root/etc/systemd/system/systemd-resolved.service"
systemctl --root="$root" --quiet enable systemd-resolved.service
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
