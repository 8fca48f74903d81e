#!/usr/bin/perl

# The fuzz targets, t/fuzz/*.c, on every file of their corpus,
# t/fuzz/corpus/TARGET/*: what they found once, they must not find again.
# As they are, and under AddressSanitizer and UndefinedBehaviorSanitizer.
# How to look for more: t/Makefile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Relay;

my $t = $FindBin::Bin;

# files at least, so that a corpus that is lost does not pass

my %least = (
    cache_key => 7,
    charset   => 11,
    deflate   => 9,
    freshness => 8,
    policy    => 2,
    record    => 5,
    rewrite   => 32,
    select    => 3,
    state     => 9,
    stored    => 5,
    template  => 11,
    tree      => 12,
);

my @targets = map { m{/(\w+)\.c$} } glob "$t/fuzz/*.c";

is_deeply([sort @targets], [sort keys %least], 'every target has a corpus');

for my $target (@targets) {
    my @corpus = glob "$t/fuzz/corpus/$target/*";

    cmp_ok(scalar @corpus, '>=', $least{$target}, "$target: files");

    for my $build ('build', 'build-sanitize') {
        my $program = "$t/$build/fuzz/$target";

        -x $program ? relay("$build/$target", $program, @corpus)
                    : fail("$build/$target is built (make -C t unit)");
    }
}

done_testing();
