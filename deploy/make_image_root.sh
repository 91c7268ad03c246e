#!/bin/sh
# make_image_root.sh FOLDER: gathers what the image consists of from a finished ./dev build: the programs without debugging symbols, the libraries that
# the loader wants for them, and a name for the user.
set -eu
cd "$(dirname "$0")/.."
root=$1

mkdir -p "$root/usr/bin" "$root/etc" "$root/tmp"
for program in parleyd parley; do
    strip -o "$root/usr/bin/$program" "build/release/$program"
done
# "name => path (address)" and, for the loader, "path (address)".
ldd build/release/parleyd build/release/parley | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
chmod 1777 "$root/tmp"
echo 'parley:x:65532:65532:Parley:/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'parley:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
cp LICENSE NOTICE "$root/etc/"
