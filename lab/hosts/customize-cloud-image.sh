#!/bin/sh
# Runs after customize-image.sh for an image of instances: what Canonical's images for EC2 have, and Debian's package has not.
set -eu
root=$1

# Here the user data brings the host key, and the metadata who may log in.
rm -f "$root/etc/ssh/sshd_config.d/00-lab.conf"
printf 'PasswordAuthentication no\n' >"$root/etc/ssh/sshd_config.d/60-cloudimg-settings.conf"

cat >"$root/etc/cloud/cloud.cfg.d/90-lab.cfg" <<'EOF'
# The seed lies in the image of the guest; nobody is asked over the network.
datasource_list: [NoCloud, None]
# In place of the VPC's DHCP the lab writes the address.
network: { config: disabled }
# A container has neither partitions nor a boot loader, and keeps its own package sources.
growpart: { mode: "off" }
resize_rootfs: false
apt: { preserve_sources_list: true }
manage_etc_hosts: false
system_info:
  default_user:
    name: ubuntu
    gecos: Ubuntu
    lock_passwd: true
    shell: /bin/bash
    groups: [adm, sudo]
    sudo: ["ALL=(ALL) NOPASSWD:ALL"]
EOF
