#!/bin/sh
# Runs last for near-jammy: Debian 12 says that it is Ubuntu 22.04.
set -eu
root=$1

cat >"$root/usr/lib/os-release" <<'END'
PRETTY_NAME="Ubuntu 22.04 (near: Debian 12 in the lab)"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION="22.04 (Jammy Jellyfish)"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=jammy
END

# Debian 11 was there for one library alone.
sed -i '/ bullseye /d' "$root/etc/apt/sources.list"
rm -f "$root"/var/lib/apt/lists/*_dists_bullseye_*

# Whoever once installed another Lua may well have made it the one that is meant by `lua`.
chroot "$root" update-alternatives --set lua-interpreter /usr/bin/lua5.1
