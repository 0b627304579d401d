#!/bin/bash
# Builds the lab's stand-in packages and a signed apt repository for them.
#
#   build.sh CACHE_DIR
#
# Result in CACHE_DIR/packages: repository/stable/ (serve repository/ over HTTP and use it as
# `deb [signed-by=KEYRING] http://HOST/ stable/`, a flat repository like Jitsi's) and keyring.gpg (its public key).
# The signing key is made once per cache folder and has no passphrase: it protects nothing but the lab.
# Nothing is built again while the sources are the same.
#
# LAB_JITSI_PLUGINS=FOLDER adds Jitsi's own Prosody plugins (the content of its resources/prosody-plugins) as another
# version of jitsi-meet-prosody, "1.0.0+plugins.<fingerprint>". A stack gets it by asking for that version, so stacks
# with and without the plugins share one repository; it stays there until CACHE_DIR/packages/plugins is removed.
set -euo pipefail

cache="${1:?usage: build.sh CACHE_DIR}/packages"
here="$(dirname "$(readlink -f "$0")")"
started=$SECONDS

declare -A version=(
    [jitsi-videobridge2]=2.3-0+standin1
    [jicofo]=1.0-0+standin1
    [jitsi-meet-prosody]=1.0.0+standin1
    [jitsi-meet-web]=1.0.0+standin1
    [jibri]=8.0-0+standin1
)

say() { echo "stand-in packages: $* ($((SECONDS - started)) s)"; }

sources_hash() {
    { find "$here" -type f ! -name '*_test.go' -printf '%m %P\0' | sort -z
      find "$here" -type f ! -name '*_test.go' -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -d' ' -f1
}

install_missing() {
    local missing=()
    command -v dpkg-deb > /dev/null || missing+=(dpkg)
    command -v apt-ftparchive > /dev/null || missing+=(apt-utils)
    command -v gpg > /dev/null || missing+=(gnupg)
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "installing ${missing[*]}, needed to build an apt repository"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}

# Without Java on purpose: the stand-ins are static Go programs, so a guest needs no runtime for them.
compile() {
    local program=$1 target=$2
    (cd "$here/standin" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$target" "./cmd/$program")
}

package() {
    local name=$1 architecture=$2 tree="$work/$1"
    mkdir -p "$tree/DEBIAN"
    cp -r "$here/debian/$name/root/." "$tree/"
    case "$name" in
        jitsi-videobridge2) compile videobridge "$tree/usr/share/jitsi-videobridge/lib/videobridge" ;;
        jicofo) compile jicofo "$tree/usr/share/jicofo/lib/jicofo" ;;
        jibri) compile jibri "$tree/opt/jitsi/jibri/standin/jibri" ;;
    esac
    find "$tree" -type d -exec chmod 755 {} +
    find "$tree" -type f -exec chmod 644 {} +
    find "$tree" \( -name '*.sh' -o -path '*/init.d/*' -o -path '*/lib/videobridge' -o -path '*/lib/jicofo' -o -path '*/standin/jibri' \) -type f -exec chmod 755 {} +
    local file
    for file in templates conffiles; do
        [ ! -f "$here/debian/$name/$file" ] || install -m 644 "$here/debian/$name/$file" "$tree/DEBIAN/"
    done
    for file in config postinst prerm postrm; do
        [ ! -f "$here/debian/$name/$file" ] || install -m 755 "$here/debian/$name/$file" "$tree/DEBIAN/"
    done
    sed -e "s/@VERSION@/${version[$name]}/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$(du -sk "$tree" | cut -f1)/" \
        "$here/debian/$name/control" > "$tree/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$tree" "$work/repository/stable/" > /dev/null
}

signing_key() {
    export GNUPGHOME="$cache/gnupg"
    if [ ! -d "$GNUPGHOME" ]; then
        say "making the key that signs the lab's repository"
        install -d -m 700 "$GNUPGHOME"
        gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
            --quick-generate-key 'Audio Meet lab packages' ed25519 sign never
    fi
    gpg --batch --quiet --yes --output "$cache/keyring.gpg" --export
}

# The package with Jitsi's plugins, made in CACHE_DIR/packages/plugins once per content of the folder.
plugins() {
    local folder=$1 fingerprint
    [ -f "$folder/util.lib.lua" ] || { echo "stand-in packages: LAB_JITSI_PLUGINS=$folder holds no plugins of Jitsi (no util.lib.lua)" >&2; return 1; }
    fingerprint="$(cd "$folder" && { find . -type f -printf '%P\0' | sort -z; find . -type f -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -c1-12)"
    [ ! -f "$cache/plugins/$fingerprint.deb" ] || return 0
    say "packing Jitsi's plugins from $folder"
    local tree="$cache/plugins.new"
    rm -rf "$tree"
    mkdir -p "$tree/package/DEBIAN" "$tree/package/usr/share/jitsi-meet"
    cp -r "$folder" "$tree/package/usr/share/jitsi-meet/prosody-plugins"
    find "$tree/package" -type d -exec chmod 755 {} +
    find "$tree/package" -type f -exec chmod 644 {} +
    sed -e "s/@VERSION@/1.0.0+plugins.$fingerprint/; s/@SIZE@/$(du -sk "$tree/package" | cut -f1)/" \
        "$here/debian/jitsi-meet-prosody/control.plugins" > "$tree/package/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$tree/package" "$tree/$fingerprint.deb" > /dev/null
    rm -rf "$tree/package" "$cache/plugins"
    mv "$tree" "$cache/plugins"
}

kept_plugins() {
    [ ! -d "$cache/plugins" ] || find "$cache/plugins" -name '*.deb' -printf '%f'
}

index() {
    cd "$work/repository/stable"
    # From the parent folder: apt takes file names relative to the repository's root, not to stable/.
    (cd .. && apt-ftparchive packages stable) > Packages
    gzip -9nk Packages
    apt-ftparchive -o APT::FTPArchive::Release::Origin='Audio Meet lab (stand-ins)' \
        -o APT::FTPArchive::Release::Suite=stable release . > "$work/Release"
    mv "$work/Release" Release
    gpg --batch --quiet --yes --clearsign --output InRelease Release
    gpg --batch --quiet --yes --armor --detach-sign --output Release.gpg Release
}

mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9 # two builds at once would mix their files
[ -z "${LAB_JITSI_PLUGINS:-}" ] || { install_missing; plugins "$LAB_JITSI_PLUGINS"; }
hash="$(sources_hash) $(kept_plugins)"
if [ -f "$cache/hash" ] && [ "$(cat "$cache/hash")" = "$hash" ] && [ -d "$cache/repository/stable" ]; then
    exit 0
fi
install_missing
work="$(mktemp -d "$cache/build.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/repository/stable"
architecture="$(dpkg --print-architecture)"
for name in "${!version[@]}"; do
    say "building $name ${version[$name]}"
    package "$name" "$architecture"
done
[ ! -d "$cache/plugins" ] || cp "$cache/plugins/"*.deb "$work/repository/stable/"
signing_key
(index)
rm -rf "$cache/repository"
mv "$work/repository" "$cache/repository"
echo "$hash" > "$cache/hash"
gpgconf --kill gpg-agent || true
say "repository is ready in $cache/repository"
