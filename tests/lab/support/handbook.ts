/** A Jitsi as its handbook leaves one on a server: Debian's own Prosody and nginx, and packages named as Jitsi's. */

/** What its page says, edited by hand after the installation. */
export const OLD_PAGE = "the page of before";
/** The password of `anna`, who has an account at the old Prosody. */
const PASSWORD = "of anna alone";

/** Packages with the habits of the real ones: they write configuration when they come, and clear folders and accounts when they are purged. */
const DEBS = `
  deb() { # name, user or "", unit text or ""
    name=$1 user=$2 unit=$3 dir=/srv/handbook/build/$1
    mkdir -p $dir/DEBIAN $dir/usr/share/$name $dir/etc/jitsi/$name
    printf 'Package: %s\\nVersion: 1.0-1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' $name >$dir/DEBIAN/control
    echo 'as packaged' >$dir/etc/jitsi/$name/logging.properties
    echo "/etc/jitsi/$name/logging.properties" >$dir/DEBIAN/conffiles
    printf '#!/bin/sh\\nset -e\\n' | tee $dir/DEBIAN/postinst $dir/DEBIAN/postrm >/dev/null
    if [ "$user" ]; then
      cat >>$dir/DEBIAN/postinst <<END
getent group jitsi >/dev/null || groupadd jitsi
getent passwd $user >/dev/null || useradd -r -g jitsi --home-dir /usr/share/$name $user
[ -e /etc/jitsi/$name/config ] || echo "made by the package" >/etc/jitsi/$name/config
chown -R $user:jitsi /etc/jitsi/$name; chmod 750 /etc/jitsi/$name
END
      cat >>$dir/DEBIAN/postrm <<END
[ "\\$1" = purge ] || exit 0
if getent passwd $user >/dev/null; then userdel $user; fi
rm -rf /var/log/jitsi /etc/jitsi/$name /usr/share/$name
END
    fi
    if [ "$unit" ]; then
      mkdir -p $dir/lib/systemd/system
      printf '[Service]\\nUser=%s\\nExecStart=/usr/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' $user >$dir/lib/systemd/system/$unit
    fi
    chmod 755 $dir/DEBIAN/postinst $dir/DEBIAN/postrm
    dpkg-deb --root-owner-group --build $dir /srv/handbook >/dev/null
  }
  mkdir -p /srv/handbook/build
  deb jicofo jicofo jicofo.service
  deb jitsi-videobridge2 jvb jitsi-videobridge2.service
  deb jitsi-meet-web "" ""
  deb jitsi-meet-prosody "" ""
  rm -r /srv/handbook/build
  cd /srv/handbook
  for file in *.deb; do
    dpkg-deb --field $file
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $file $(stat -c %s $file) $(sha256sum $file | cut -d' ' -f1)
  done >Packages
  echo 'deb [trusted=yes] file:/srv/handbook ./' >/etc/apt/sources.list.d/handbook.list
`;

/** Script that sets it up for a domain, and a site of somebody else beside it. */
export function handbookScript(domain: string): string {
  return `
  set -e
  export DEBIAN_FRONTEND=noninteractive
  ${DEBS}
  apt-get -qq update
  apt-get -qq install --yes --no-install-recommends nginx prosody openssl >/dev/null
  apt-get -qq install --yes jicofo jitsi-videobridge2 jitsi-meet-web jitsi-meet-prosody >/dev/null
  systemctl -q enable --now jicofo jitsi-videobridge2
  usermod -aG games prosody
  cat >/etc/prosody/conf.avail/${domain}.cfg.lua <<'END'
VirtualHost "${domain}"
  authentication = "internal_hashed"
  c2s_require_encryption = false
  allow_unencrypted_plain_auth = true
Component "conference.${domain}" "muc"
END
  ln -s ../conf.avail/${domain}.cfg.lua /etc/prosody/conf.d/
  prosodyctl register anna ${domain} '${PASSWORD}'
  systemctl restart prosody
  mkdir -p /etc/jitsi/meet /var/log/jitsi /usr/share/jitsi-meet
  echo 'var config = {};' >/etc/jitsi/meet/${domain}-config.js
  echo 'years of it' >/var/log/jitsi/jvb.log; chown jvb:jitsi /var/log/jitsi /var/log/jitsi/jvb.log
  echo 'edited by hand' >/etc/jitsi/jicofo/logging.properties
  echo '# edited by hand' >>/lib/systemd/system/jicofo.service; systemctl daemon-reload
  echo '${OLD_PAGE}' >/usr/share/jitsi-meet/index.html
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${domain} \\
    -keyout /etc/jitsi/meet/${domain}.key -out /etc/jitsi/meet/${domain}.crt 2>/dev/null
  cat >/etc/nginx/sites-available/${domain}.conf <<'END'
server {
  listen 443 ssl;
  server_name ${domain};
  ssl_certificate /etc/jitsi/meet/${domain}.crt;
  ssl_certificate_key /etc/jitsi/meet/${domain}.key;
  root /usr/share/jitsi-meet;
}
END
  rm -f /etc/nginx/sites-enabled/default
  ln -s /etc/nginx/sites-available/${domain}.conf /etc/nginx/sites-enabled/
  mkdir -p /srv/club; echo 'the club' >/srv/club/index.html
  echo 'server { listen 80; server_name club.example; root /srv/club; }' >/etc/nginx/sites-enabled/club
  systemctl restart nginx
`;
}

/** Script that prints what people find at the server: its page, the club's, and whether anna gets in with her password. */
export function peopleFind(domain: string): string {
  return `
  curl -sk --max-time 5 --resolve ${domain}:443:127.0.0.1 https://${domain}/ | head -n 1
  curl -s --max-time 5 --resolve club.example:80:127.0.0.1 http://club.example/
  python3 - <<'END'
import base64, socket
s = socket.create_connection(("127.0.0.1", 5222), timeout=5)
def ask(text, *ends):
    s.sendall(text.encode())
    got = ""
    while not any(end in got for end in ends):
        more = s.recv(4096).decode()
        if not more:
            break
        got += more
    return got
ask("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}' version='1.0'>", "</stream:features>")
word = base64.b64encode(b"\\0anna\\0${PASSWORD}").decode()
said = ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{word}</auth>", "<success", "<failure", "</stream")
print("anna gets in" if "<success" in said else "anna is refused")
END
`;
}
