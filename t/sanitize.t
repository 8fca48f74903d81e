#!/usr/bin/perl

# The unit tests and the data cases again, under AddressSanitizer and
# UndefinedBehaviorSanitizer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

my $t = $FindBin::Bin;
my $build = "$t/build-sanitize";

$ENV{ASAN_OPTIONS} = 'detect_leaks=1:allocator_may_return_null=1';
$ENV{UBSAN_OPTIONS} = 'print_stacktrace=1';

for my $source (glob "$t/unit/*/*_test.c") {
    my ($name) = $source =~ m{/unit/(.*)\.c$};
    my $program = "$build/unit/$name";

    -x $program ? relay($name, $program)
                : fail("$name is built (make -C t unit SANITIZE=1)");
}

$ENV{EDITORIAL_REWRITE} = "$build/tools/rewrite";

relay('data', $^X, "$t/data.t");

done_testing();
