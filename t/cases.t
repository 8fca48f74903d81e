#!/usr/bin/perl

# The cases of t/data through nginx: whole, cut, flushed and compressed.
# Those with a record, an edition or tests of their own are t/data.t's alone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my (%cases, $locations);

for my $dir (glob "$FindBin::Bin/data/*/") {
    my ($case) = $dir =~ m{([^/]+)/$};

    next if grep { -e "$dir/$_" } qw(record.json edition test url);

    my ($in, $out) = map { slurp("$dir/$_.html") } qw(in out);
    my $type = 'text/html';

    chomp(my $charset = slurp("$dir/charset"));
    $type .= "; charset=$charset" if $charset;

    $cases{$case} = { out => $out, in => $in };

    my $policy = slurp("$dir/policy");

    # where t/tools/rewrite looks for them
    $policy =~ s{template=(?=[^/\s])}{template=$dir}g;

    $locations .= "location /$case/ {\n$policy\n"
                  . "proxy_pass http://%%ORIGIN%%;\n}\n"
                  . "location /unbuffered/$case/ {\nproxy_buffering off;\n"
                  . "$policy\nproxy_pass http://%%ORIGIN%%/$case/;\n}\n";

    my @gzip = ('Content-Encoding: gzip');

    $t->origin(
        "/$case/whole" => { body => $in, type => $type },
        "/$case/closed" => { body => $in, type => $type, close => 1 },
        "/$case/bytes" => { body => substr($in, 0, 20_000), type => $type,
                            size => 1 },
        "/$case/random" => { chunks => [ cut($in) ], type => $type },
        "/$case/gzip" => { body => gzip($in), type => $type, close => 1,
                           headers => \@gzip },
        "/$case/cut_gzip" => { chunks => [ cut(gzip($in)) ], type => $type,
                               headers => \@gzip });
}

$t->run(<<"END");
server {
    listen %%PORT%%;
    editorial on;
    $locations
}
END

for my $case (sort keys %cases) {
    my ($in, $out) = @{ $cases{$case} }{qw(in out)};

    my @ways = qw(whole closed random gzip cut_gzip);

    push @ways, 'bytes' if length $in < 20_000;

    for my $way (@ways) {
        for my $prefix ('', '/unbuffered') {
            next if $prefix && $way !~ /random|cut_gzip/;

            same($t->get("$prefix/$case/$way", 'Host: paper.example')->{body},
                 $out, "$case: $prefix $way");
        }
    }
}

$t->done;


# Into pieces of any length.

sub cut {
    my ($bytes) = @_;

    my @pieces;

    while (length $bytes) {
        push @pieces, substr $bytes, 0, 1 + int rand 3 ** (1 + int rand 7), '';
    }

    return @pieces;
}
