"""The names that logs write for ports: IANA's and Debian's (/etc/services) of well-known services, where one means one port.

https://www.iana.org/assignments/service-names-port-numbers. A port by a name that is not here stays unknown, and is counted.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# fmt: off
NAMED: Final = MappingProxyType({
    "echo": 7, "discard": 9, "daytime": 13, "qotd": 17, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23,
    "smtp": 25, "time": 37, "nicname": 43, "whois": 43, "tacacs": 49, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
    "gopher": 70, "finger": 79, "http": 80, "www": 80, "kerberos": 88, "iso-tsap": 102, "pop3": 110, "sunrpc": 111, "auth": 113,
    "nntp": 119, "ntp": 123, "epmap": 135, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "imap2": 143,
    "snmp": 161, "snmptrap": 162, "snmp-trap": 162, "xdmcp": 177, "bgp": 179, "ldap": 389, "svrloc": 427, "https": 443,
    "microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "isakmp": 500, "mbap": 502, "exec": 512, "biff": 512, "login": 513,
    "who": 513, "shell": 514, "syslog": 514, "printer": 515, "ntalk": 518, "router": 520, "uucp": 540, "rtsp": 554,
    "nntps": 563, "submission": 587, "ipp": 631, "ldaps": 636, "domain-s": 853, "rsync": 873, "ftps-data": 989, "ftps": 990,
    "telnets": 992, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434,
    "l2tp": 1701, "l2f": 1701, "pptp": 1723, "radius": 1812, "radius-acct": 1813, "mqtt": 1883, "ssdp": 1900, "nfs": 2049,
    "docker": 2375, "docker-s": 2376, "iec-104": 2404, "ms-wbt-server": 3389, "mysql": 3306, "svn": 3690, "stun": 3478,
    "epmd": 4369, "ipsec-nat-t": 4500, "sip": 5060, "sips": 5061, "xmpp-client": 5222, "xmpp-server": 5269, "mdns": 5353,
    "llmnr": 5355, "postgresql": 5432, "amqps": 5671, "amqp": 5672, "coap": 5683, "coaps": 5684, "rfb": 5900, "wsman": 5985,
    "wsmans": 5986, "redis": 6379, "ircs-u": 6697, "cwmp": 7547, "pcsync-https": 8443, "secure-mqtt": 8883, "git": 9418,
    "memcache": 11211, "dnp": 20000, "mongodb": 27017, "bacnet": 47808,
})
# fmt: on
