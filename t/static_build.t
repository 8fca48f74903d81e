#!/usr/bin/perl

# The module built into nginx must stand where the loaded one does: before
# SSI, gzip and ranges.  EDITORIAL_STATIC_NGINX is an nginx with it inside.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

my $nginx = $ENV{EDITORIAL_STATIC_NGINX};

plan(skip_all => 'EDITORIAL_STATIC_NGINX is not set') unless $nginx;

$ENV{EDITORIAL_NGINX} = $nginx;
$ENV{EDITORIAL_MODULE} = '';

relay($_, $^X, "$FindBin::Bin/$_.t")
    for qw(filter ssi gzip conditional request_headers redirects assets split);

done_testing();
