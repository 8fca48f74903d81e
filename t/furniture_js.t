#!/usr/bin/perl

# furniture.js in a real browser: what it counts, keeps and sends, and when it
# does nothing: see t/browser/run.js.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

my $browser = "$FindBin::Bin/browser";

ok(-d "$browser/node_modules/playwright-core",
   "the browser's driver is installed (npm install)");

relay('furniture.js', 'node', "$browser/run.js");

done_testing();
