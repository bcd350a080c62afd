"""The names that packet logs give to their columns; to teach Hinomi another log, add its names here.

`NAMES` lists for each field the names that mean it beside its own, best first; case and the signs between words do not
matter (`ip_src` is `ip.src`, `ipSrc` and `IP-SRC`). They come from tshark and Wireshark, tcpdump scripts, Zeek's
conn.log, corsaro's flowtuple, nfdump, argus, SiLK, the Elastic Common Schema, OpenCanary and dionaea.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# Targets beside the fields themselves: one TCP flag each, the names of TCP options, the day of a time of day,
# Zeek's history of a connection, and how many packets a row stands for.
FLAG_BITS: Final = MappingProxyType(
    {f"flag.{name}": 1 << bit for bit, name in enumerate(("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"))}
)
OPTION_NAMES, DATE, HISTORY, PACKETS = "option.names", "date", "history", "packets"
PSEUDO: Final = frozenset({OPTION_NAMES, DATE, HISTORY, PACKETS})
SINGLE_FLAGS: Final = {target.removeprefix("flag."): target for target in FLAG_BITS}


@dataclass(frozen=True)
class Dialect:
    """One sort of log whose words mean something else elsewhere: the columns that give it away, and what its columns mean.

    `strange` are those of its words that mean nothing here; with them named, its other columns mean what they mean anywhere.
    """

    name: str
    needs: frozenset[str]
    columns: Mapping[str, str]
    strange: frozenset[str] = frozenset()


DIALECTS: Final = (
    # Spoki (Hiesgen et al., USENIX Security 2022): times in ms, s/a for sequence and acknowledgement numbers
    Dialect(
        "spoki",
        frozenset(("ts", "saddr", "daddr", "snum", "anum")),
        {"ts": "time", "saddr": "src", "daddr": "dst", "snum": "seq", "anum": "ack", "window size": "window"}
        | {"options": OPTION_NAMES, "payload": "payload", "proto": "proto", "ttl": "ttl", "ipid": "ipid"}
        | {"sport": "sport", "dport": "dport"}
        | {name: SINGLE_FLAGS[name] for name in ("fin", "syn", "rst", "psh", "ack", "urg")},
    ),
    # Wireshark's export of its packet list: the length is that of the frame, not of the IP packet
    Dialect("wireshark", frozenset(("no.", "time", "source", "destination", "info")), {}, strange=frozenset({"length"})),
)

# fmt: off
NAMES: Final = {
    "time": "time timestamp ts datetime date_time event_time time_epoch frame_time_epoch frame_time_utc"
        " frame_time epoch epoch_time unixtime unix_time unix_timestamp timestamp_epoch ts_epoch time_stamp"
        " timestamp_ms timestamp_us timestamp_ns time_ms time_us time_ns time_usec packet_time pkt_time"
        " capture_time captured_at arrival_time received received_at recv_time seen seen_at observed_at"
        " first_seen firstseen first_switched start_time starttime stime flow_start start utc_time utc"
        " local_time frame_frame_time_epoch frame_frame_time flow_start_milliseconds s_time 時刻 日時"
        " 観測時刻",
    DATE: "date day event_date",
    "src": "src src_ip saddr srcip ip_src source_ip src_addr srcaddr source_address src_address sip sa source"
        " source_ipv4 src_ipv4 ip4_src ipv4_src ipv6_src src_ipv6 source_ipv6 src_ip_addr source_ip_address"
        " ip_saddr ip_source orig_h id_orig_h src_host source_host s_ip source_ipv4_address"
        " source_ipv6_address 送信元 送信元ip 送信元アドレス 送信元ipアドレス remote_host attacker_ip"
        " attacker peer_ip srcip4 ip_ip_src ipv6_ipv6_src",
    "dst": "dst dst_ip daddr dstip ip_dst dest_ip destination_ip dst_addr dstaddr destination_address"
        " dst_address dest_addr dest dip da destination destination_ipv4 dst_ipv4 ip4_dst ipv4_dst ipv6_dst"
        " dst_ipv6 destination_ipv6 dst_ip_addr destination_ip_address ip_daddr ip_destination resp_h"
        " id_resp_h dst_host dest_host destination_host local_host d_ip destination_ipv4_address"
        " destination_ipv6_address 宛先 宛先ip 宛先アドレス 宛先ipアドレス host_ip target_ip dstip4 ip_ip_dst"
        " ipv6_ipv6_dst",
    "sport": "sport src_port source_port srcport spt sp id_orig_p orig_p tcp_srcport udp_srcport tcp_src_port"
        " udp_src_port sctp_srcport s_port source_transport_port 送信元ポート 送信元ポート番号 remote_port"
        " peer_port src_pt l4_src_port tcp_tcp_srcport udp_udp_srcport",
    "dport": "dport dst_port dest_port destination_port dstport dpt dp id_resp_p resp_p tcp_dstport udp_dstport"
        " tcp_dst_port udp_dst_port sctp_dstport d_port destination_transport_port 宛先ポート 宛先ポート番号"
        " port target_port local_port host_port dst_pt l4_dst_port tcp_tcp_dstport udp_udp_dstport",
    "proto": "proto protocol ip_proto ip_protocol pro プロトコル プロトコル番号 protocol_number proto_num ip_p pr"
        " prot transport network_transport network_iana_number protocol_identifier ipv6_nxt l4_proto"
        " transport_protocol ip_ip_proto ipv6_ipv6_nxt",
    "ttl": "ttl ip_ttl hop_limit hoplimit hlim ipv6_hlim ip_hlim sttl ip_ip_ttl ipv6_ipv6_hlim",
    "ipid": "ipid ip_id id_ip identification ip_identification ip_ip_id",
    "length": "length ip_len len ip_length total_length ip_total_length packet_length pkt_len ip_size ip_ip_len",
    "flags": "flags tcp_flags tcpflags flg tcp_flag flag tcp_flags_hex tcp_flags_str tcp_tcp_flags"
        " tcp_control_bits",
    "seq": "seq tcp_seq_raw tcp_seq seqno seq_num seqnum sequence sequence_number seq_number tcp_sequence snum"
        " tcp_tcp_seq_raw",
    "ack": "ack tcp_ack_raw tcp_ack ackno ack_num acknum acknowledgement acknowledgment ack_number"
        " acknowledgement_number anum tcp_tcp_ack_raw",
    "window": "window window_size win tcp_window_size_value tcp_window tcp_win tcp_window_size tcp_synwinlen"
        " first_tcp_rwin tcp_tcp_window_size_value",
    "options": "options tcp_options_len tcp_optlen optlen tcp_options",
    "icmp_type": "icmp_type icmptype icmpv6_type icmp_icmp_type icmpv6_icmpv6_type",
    "icmp_code": "icmp_code icmpcode icmpv6_code icmp_icmp_code icmpv6_icmpv6_code",
    "payload": "payload payload_hex tcp_payload udp_payload data_data data_hex payload_data tcp_tcp_payload"
        " udp_udp_payload",
    "fragment": "fragment fragment_offset",
    HISTORY: "history",
    PACKETS: "packets packet_cnt pkts packet_count pkt_cnt npkts n_packets orig_pkts ipkt in_pkts tot_pkts"
        " totpkts total_packets dpkts num_packets packets_total packet_total_count",
    **{f"flag.{name}": f"tcp_flags_{name} {name}_flag is_{name} tcp_{name}_flag tcp_tcp_flags_tcp_flags_{name}"
       for name in SINGLE_FLAGS},
}
# fmt: on

# What only programs know. A log with such a column says what was asked and answered, often several lines for one packet.
_PROGRAMS: Final = (
    "eventid event_type username user_name passwd password query qname qtype qtype_name rcode rcode_name uri url request_uri"
    " user_agent http_user_agent http_method server_name ja3 cipher auth_success mime_type status_msg mailfrom helo"
    " signature trans_id credentials logdata logtype"
)
APPLICATION: Final = frozenset(_PROGRAMS.split())
