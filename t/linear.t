#!/usr/bin/perl

# Pages that are made to be slow: twice as long, they take about twice the
# time.  What counts is the CPU time of the core, the least of some runs, so
# that it makes no difference what else the machine does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/bench";

use Test::More;

use Hostile;

use constant {
    WHOLE => 1024 * 1024,
    MOST  => 2.8,                       # times the time of half a page; what
                                        # is quadratic takes four times that
    SPARE => 2_000_000,                 # nanoseconds that do not count
    TRIES => 12,
};

my $t = $FindBin::Bin;
my $core = "$t/work/core";
my $page = "$t/work/hostile";

mkdir "$t/work";
build() or BAIL_OUT('t/bench/core.c does not compile');

for my $name (Hostile::names()) {
    my %least;

    for (1 .. TRIES) {
        least(\$least{$_}, $name, $_) for WHOLE / 2, WHOLE;

        last if $least{+WHOLE} <= MOST * $least{WHOLE / 2} + SPARE;
    }

    cmp_ok($least{+WHOLE}, '<=', MOST * $least{WHOLE / 2} + SPARE,
           sprintf '%s: %.1f ms, half of it %.1f ms', $name,
                   map { $_ / 1e6 } @least{WHOLE, WHOLE / 2});
}

unlink $page;

done_testing();


# The benchmark's program, with the core as the unit tests have it.

sub build {
    my $include = join ' ', map { "-I$t/../src/$_" }
                  qw(base text html furniture page);

    return system("gcc -std=gnu11 -D_GNU_SOURCE -O2 $include "
                  . "\$(pkg-config --cflags libxml-2.0) -o $core "
                  . "$t/bench/core.c $t/build/libeditorial.a "
                  . '$(pkg-config --libs libxml-2.0 jansson zlib)') == 0;
}


sub least {
    my ($least, $name, $bytes) = @_;

    open my $fh, '>:raw', $page or die "$page: $!\n";
    print $fh Hostile::make($name, $bytes);
    close $fh or die "$page: $!\n";

    my $took = `$core hostile 1 16384 $page`;

    die "core: $name\n" if $? != 0 || $took !~ /^\d+$/;

    $$least = $took if !defined $$least || $took < $$least;
}
