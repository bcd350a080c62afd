#!/bin/sh
# Programs that tests and benches use and pip cannot bring. Installed where this may be done; named where it may not.
set -u
wanted=${1:-test}
missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -x "$1" ] || missing="$missing $2"; }
case "$wanted" in
venv) missing=" python3-venv" ;;
test | bench)
    need chromium chromium
    need tcpdump tcpdump
    need /usr/sbin/nginx nginx-light
    need tshark tshark
    need dumpcap wireshark-common
    need java default-jre-headless
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
    fc-list 2>/dev/null | grep -qi 'cjk' || missing="$missing fonts-noto-cjk fontconfig"
    if [ "$wanted" = bench ]; then
        need tracereport libtrace-tools
        need nfpcapd nfdump
        need wrk wrk
    fi
    ;;
esac
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 -- a list of packages
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 && exit 0
    echo "could not install$missing"
fi
echo "missing:$missing — install them (as root: apt-get install$missing); what needs them will be skipped, and counted"
[ "$wanted" = venv ] && exit 3
exit 0
