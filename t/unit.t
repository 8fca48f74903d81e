#!/usr/bin/perl

# The unit tests of the core, t/unit/*/*_test.c, each as a subtest.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

for my $source (glob "$FindBin::Bin/unit/*/*_test.c") {
    my ($name) = $source =~ m{/unit/(.*)\.c$};
    my $program = "$FindBin::Bin/build/unit/$name";

    -x $program ? relay($name, $program)
                : fail("$name is built (make -C t unit)");
}

done_testing();
