#!/usr/bin/env bash
# Puts on this machine what Outpace needs: Debian packages, npm packages, an Asterisk >= 20, sounds.
# Every step first looks whether it is done already, so a second run takes a moment. Called by `make setup`.
#   OUTPACE_ASTERISK_ROOT  where a private Asterisk is, or is put (var/asterisk-root); may be shared by several checkouts
#   OUTPACE_DATA_DIR       where the sounds are put, below sounds/ (var)
#   OUTPACE_SOUNDS_DIR     another folder for the sounds
#   OUTPACE_AGENCY_NAME    who the spoken message says has called (Outpace Collections)
#   ARI_URL                your own Asterisk; then none is put here
set -euo pipefail
cd "$(dirname "$0")/.."

root=${OUTPACE_ASTERISK_ROOT:-var/asterisk-root}
data=${OUTPACE_DATA_DIR:-var}
sounds=${OUTPACE_SOUNDS_DIR:-$data/sounds}
agency=${OUTPACE_AGENCY_NAME:-Outpace Collections}
log=var/setup.log
mkdir -p var "$data"
: >"$log"
exec 9>var/setup.lock
flock 9

say() { printf 'setup: %s\n' "$*"; }
give_up() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}
# attempt WHAT HINT COMMAND...: runs it quietly; if it fails, shows the end of its output and the hint.
attempt() {
  local what=$1 hint=$2
  shift 2
  if ! "$@" >>"$log" 2>&1; then
    tail -n 12 "$log" >&2
    give_up "$what failed (all of it: $log)." "$hint"
  fi
}
is_root() { [ "$(id -u)" = 0 ]; }
# Without root everything that is missing is collected, and told together at the end.
lacking=()
network_hint="It needs the network; with it, run \"make setup\" again: it goes on where it stopped."

# ---------------------------------------------------------------- Node
node_major=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
[ "${node_major:-0}" -ge 20 ] || give_up "Node >= 20 is needed, found ${node_major:-none}. Install it, then run \"make setup\" again."

# ---------------------------------------------------------------- Debian packages
apt_updated=no
apt_update() {
  [ $apt_updated = yes ] && return
  attempt 'Reading the package lists' "$network_hint" apt-get update
  apt_updated=yes
}
# Installs without starting what the packages contain: every part is started by Outpace, on its own ports.
apt_install() {
  say "Debian packages: installing $*"
  apt_update
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap "rm -f $policy" EXIT
  fi
  attempt "Installing $*" "$network_hint" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}
missing=()
needs() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
needs sipp sip-tester
needs sox sox
needs espeak-ng espeak-ng
needs redis-server redis-server
if [ ${#missing[@]} -gt 0 ] && ! is_root; then
  say "Debian packages: missing ${missing[*]}"
  lacking+=("Run as root: apt-get install --no-install-recommends ${missing[*]}")
elif [ ${#missing[@]} -gt 0 ]; then
  apt_install "${missing[@]}"
  # The tests start a Redis of their own; the machine does not need one running.
  if command -v systemctl >/dev/null; then systemctl disable redis-server >>"$log" 2>&1 || true; fi
else
  say 'Debian packages: all there'
fi

# ---------------------------------------------------------------- npm packages
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say 'npm packages: installing (about 20 s)'
  attempt 'npm ci' "$network_hint" npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
else
  say 'npm packages: all there'
fi

# ---------------------------------------------------------------- Asterisk
major() { sed -nE 's/^Asterisk (certified\/)?([0-9]+)\..*/\2/p'; }
system_major() { asterisk -V 2>/dev/null | major; }
# The root's own Asterisk, started by the root's own dynamic loader as asterisk-binary.ts does, must say its version.
private_major() {
  local loader
  for loader in "$1"/usr/lib/*/ld-linux-*.so.*; do
    [ -x "$loader" ] || continue
    "$loader" --library-path "$(dirname "$loader")" "$1/usr/sbin/asterisk" -V 2>/dev/null | major
  done
}
private_complete() {
  grep -A1 '^Package: asterisk$' "$1/var/lib/dpkg/status" 2>/dev/null | grep -q 'install ok installed' &&
    [ "$(private_major "$1")" -ge 20 ] 2>/dev/null
}
packaged_major() { apt-cache policy asterisk 2>/dev/null | sed -nE 's/^ *Candidate: (.*:)?([0-9]+)\..*/\2/p'; }

# A Debian mirror as apt itself reads its configuration, whatever notation that is in.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' 'Created-By: Packages' |
    awk '$2 ~ /security/ || $1 !~ /^https?:/ { next }
         $3 == "Debian" || $1 ~ /\/debian\/?$/ { print $1; exit }'
}

remove_root() {
  local mounted
  for mounted in $(awk -v below="$(realpath "$1")/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r); do umount "$mounted"; done
  rm -rf --one-file-system "$1"
}

build_private() {
  local part=$root.part mirror proxy
  command -v debootstrap >/dev/null || [ -x /usr/sbin/debootstrap ] || apt_install debootstrap
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || { apt_update; mirror=$(debian_mirror); }
  [ -n "$mirror" ] || give_up 'There is no Debian mirror in this machine'"'"'s apt configuration to take Asterisk from.' \
    'Install Asterisk >= 20 yourself, or set OUTPACE_ASTERISK_ROOT or ARI_URL.'
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  [ -z "${proxy:-}" ] || export http_proxy=$proxy

  [ ! -e "$part" ] || { say "Asterisk: removing a half-made root"; remove_root "$part"; }
  mkdir -p "$(dirname "$root")"
  say "Asterisk: making a private root in $root (1/2: base system, about 25 s)"
  attempt 'debootstrap' "$network_hint" debootstrap --variant=minbase sid "$part" "$mirror"
  say 'Asterisk: making a private root (2/2: Asterisk, about 15 s)'
  printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
  chmod +x "$part/usr/sbin/policy-rc.d"
  [ ! -e /etc/ssl/certs/ca-certificates.crt ] || install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$part/etc/ssl/certs/ca-certificates.crt"
  attempt 'Reading the package lists of the private root' "$network_hint" \
    chroot "$part" apt-get -o Acquire::Check-Valid-Until=false update
  attempt 'Installing Asterisk in the private root' "$network_hint" \
    chroot "$part" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends asterisk
  chroot "$part" apt-get clean
  rm -rf "$part"/var/lib/apt/lists/*
  private_complete "$part" || give_up "The Asterisk in $part does not run on this machine (see $log)."
  [ ! -e "$root" ] || remove_root "$root"
  mv "$part" "$root"
}

if [ -n "${ARI_URL:-}" ]; then
  say 'Asterisk: your own (ARI_URL)'
elif [ "$(system_major)" -ge 20 ] 2>/dev/null; then
  say "Asterisk: the system's, version $(system_major)"
elif private_complete "$root"; then
  say "Asterisk: private root $root, version $(private_major "$root")"
elif ! is_root; then
  say 'Asterisk: there is none'
  lacking+=("Asterisk >= 20: run \"make setup\" once as root, or install it, or set OUTPACE_ASTERISK_ROOT to a private root that has it," \
    'or set ARI_URL to an Asterisk of your own.')
elif [ "$(packaged_major)" -ge 20 ] 2>/dev/null; then
  apt_install asterisk
else
  if [ -e "$root" ] && [ ! -e "$root/var/lib/dpkg" ] && [ -n "$(ls -A "$root")" ]; then
    give_up "$root is neither empty nor a Debian root; it is left alone. Set OUTPACE_ASTERISK_ROOT to another folder."
  fi
  build_private
  say "Asterisk: private root $root, version $(private_major "$root")"
fi
# Asterisk drops its rights to this user when it is started by root.
if is_root && ! id asterisk >/dev/null 2>&1; then
  useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin asterisk
fi

# ---------------------------------------------------------------- the end
[ ${#lacking[@]} = 0 ] || give_up "${lacking[@]}" 'Then run "make setup" again.'
sh pbx-config/sounds.sh "$sounds/en/outpace" "$agency"
say 'done'
