#!/usr/bin/perl

# Where elements begin and end, against an independent parser of HTML: see
# t/oracle/run.js.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

my $oracle = "$FindBin::Bin/oracle";

plan skip_all => 't/oracle/run.js is not there' unless -e "$oracle/run.js";

ok(-d "$oracle/node_modules/parse5", 'the oracle is installed (npm install)');

relay('elements', 'node', "$oracle/run.js");

done_testing();
