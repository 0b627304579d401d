/** Shell that offers a package on a host in another version: the one that is there, under another number. */
export const newerPackage = (name: string, version: string) => `set -e
rm -rf /srv/newer; mkdir -p /srv/newer; cd /srv/newer
apt-get -q download ${name} >/dev/null
dpkg-deb -R ${name}_*.deb tree; rm ./*.deb
sed -i 's/^Version: .*/Version: ${version}/' tree/DEBIAN/control
dpkg-deb --root-owner-group -b tree newer.deb >/dev/null; rm -r tree
{ dpkg-deb -f newer.deb; echo "Filename: ./newer.deb"; echo "Size: $(stat -c %s newer.deb)"
  echo "SHA256: $(sha256sum newer.deb | cut -d' ' -f1)"; } >Packages
echo "deb [trusted=yes] file:/srv/newer ./" >/etc/apt/sources.list.d/newer.list`;
