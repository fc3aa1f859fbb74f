// Addresses of hosts, networks and hardware through the server and back.

#include "support/round_trip.hpp"

namespace {

using namespace tusk::test;

TEST(types_network, hosts)
{
    expect_journeys<tusk::inet>("inet", {"0.0.0.0", "255.255.255.255", "127.0.0.1", "192.168.0.1/24", "192.168.0.0/24",
                                         "10.1.2.3/0", "10.1.2.3/32", "1.2.3.4/31"});
    expect_journeys<tusk::inet>("inet", {"::",
                                         "::1",
                                         "::2",
                                         "1::",
                                         "::/0",
                                         "2001:db8::1",
                                         "2001:db8::1/64",
                                         "fe80::1:2:3:4/10",
                                         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                         "1:2:3:4:5:6:7:8",
                                         "1:0:0:4:0:0:0:8",
                                         "1:0:0:4:5:0:0:8",
                                         "0:2:3:4:5:6:7:8",
                                         "1:2:3:4:5:6:7:0",
                                         "1:2:3:4:5:6::",
                                         "::3:4:5:6:7:8",
                                         "::ffff:10.0.0.1",
                                         "::10.0.0.1",
                                         "::ffff:0:0",
                                         "64:ff9b::10.0.0.1",
                                         "2001:DB8::A",
                                         "::ffff:10.0.0.1/104",
                                         "1:0:3:4:5:6:7:8",
                                         "::1.2.0.0",
                                         "::0.1.0.0"});
}

TEST(types_network, networks)
{
    expect_journeys<tusk::cidr>("cidr", {"0.0.0.0/0", "10/8", "192.168.0.0/16", "192.168.1.0/24", "192.168.1.128/25",
                                         "192.168.1.7/32", "10.0.0.1", "::/0", "2001:db8::/32", "2001:db8::/33",
                                         "::1/128", "::ffff:10.0.0.0/104", "fe80::/10", "::/1"});
    expect_journeys<tusk::inet>("inet", {"10.0.0.0/8"});
}

TEST(types_network, hardware)
{
    expect_journeys<tusk::macaddr>("macaddr", {"08:00:2b:01:02:03", "08-00-2B-01-02-03", "08002b010203",
                                               "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"});
    expect_journeys<tusk::macaddr8>("macaddr8", {"08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03", "0800.2b01.0203.0405",
                                                 "00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff"});
}

} // namespace
