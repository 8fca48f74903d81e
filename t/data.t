#!/usr/bin/perl

# The rewriter on whole pages, t/data/CASE:
#
#     in.html      the page of the origin
#     policy       as in nginx.conf
#     out.html     the page for the reader
#     record.json  the article's record, where it has one
#     explain      lines "placed FEATURE: REASON", "refused FEATURE: REASON",
#                  "skip: REASON", "paragraph NUMBER: TEXT" ("none" where it
#                  does not count) that explain must have; what is behind the
#                  colon may be cut
#     url, charset, edition    options of t/tools/rewrite
#     test         features that are tested, one a line
#
# However the page is cut, out.html comes out; out.html itself is left alone;
# without its furniture it is in.html.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

my $data = "$FindBin::Bin/data";
my $rewrite = $ENV{EDITORIAL_REWRITE} || "$FindBin::Bin/tools/rewrite";

my @chunks = ([], [1], [2], [7], [64], [0]);


for my $dir (glob "$data/*/") {
    my ($case) = $dir =~ m{([^/]+)/$};
    my ($in, $out) = map { slurp("$dir/$_.html") } qw(in out);

    for my $chunk (@chunks) {
        same(rewritten($dir, 'in.html', map { ('--chunk', $_) } @$chunk), $out,
             join ' ', $case, map { $_ ? "in pieces of $_" : 'cut at random' }
                                  @$chunk);
    }

    same(rewritten($dir, 'out.html'), $out, "$case: once is enough");
    same(without_furniture($in, $out), $in, "$case: every byte of the page");

    explained($case, $dir) if -e "$dir/explain";
}

done_testing();


# Pages are long: shows them from shortly before they differ.

sub same {
    my ($got, $want, $name) = @_;

    return 1 if ok($got eq $want, $name);

    my $at = 0;
    my $end = length $got < length $want ? length $got : length $want;

    $at++ while $at < $end && substr($got, $at, 1) eq substr($want, $at, 1);

    my $from = $at < 60 ? 0 : $at - 60;

    diag("differs at byte $at");
    diag('got:  ', substr $got, $from, 400);
    diag('want: ', substr $want, $from, 400);

    return 0;
}


sub rewritten {
    my ($dir, $file, @options) = @_;

    push @options, '--policy', "$dir/policy";
    push @options, '--record', "$dir/record.json" if -e "$dir/record.json";

    for my $option (qw(url charset edition)) {
        next unless -e "$dir/$option";
        chomp(my $value = slurp("$dir/$option"));
        push @options, "--$option", $value;
    }

    push @options, map { ('--test', $_) } split /\n/, slurp("$dir/test")
        if -e "$dir/test";

    open my $fh, '-|:raw', $rewrite, @options, "$dir/$file"
        or die "$rewrite: $!";

    local $/;
    my $page = <$fh>;

    close $fh or return "$rewrite has failed: $?";

    return defined $page ? $page : '';
}


# The tags and texts of the page are walked along with those of the result.
# What is in the result alone is furniture: a piece or a wrapper, which says so
# in its first tag, and what belongs to it.

sub without_furniture {
    my ($in, $out) = @_;

    my @page = tokens($in);
    my ($kept, $open) = ('', 0);

    for my $token (tokens($out)) {

        if (@page && $token eq $page[0]) {
            $kept .= shift @page;
            next;
        }

        if ($token =~ /^<\w[^>]*\sdata-editorial="\w+\/[\w-]+"/
            || $token =~ /^<(?:link rel="stylesheet" href|script src)=/
            || $token =~ /^<span data-editorial-test="\w+">$/)
        {
            $open = 1;
            next;
        }

        return "$kept\n<-- not furniture: $token" unless $open;
    }

    return $kept;
}


# A mark divides a text, so texts are single characters here.

sub tokens {
    my ($html) = @_;

    return $html =~ /<[^<>]*>|./gs;
}


sub explained {
    my ($case, $dir) = @_;

    my $explain = eval {
        JSON::PP::decode_json(rewritten($dir, 'in.html', '--explain'));
    };

    ok($explain, "$case: explained") or return diag($@);

    my @said = map { "placed $_->{feature}: $_->{reason}" }
                   @{ $explain->{placements} };

    push @said, map { "refused $_->{feature}: $_->{reason}" }
                    @{ $explain->{refusals} };

    push @said, map { my $n = $_->{paragraph};
                      "paragraph " . (defined $n ? $n : 'none')
                      . ": $_->{text}" }
                    @{ $explain->{blocks} };

    push @said, "skip: $explain->{skip}" if defined $explain->{skip};

    for my $line (split /\n/, slurp("$dir/explain")) {
        ok(scalar(grep { index($_, $line) == 0 } @said), "$case: $line")
            or diag(join "\n", 'it says:', @said);
    }
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;

    my $content = <$fh>;

    return defined $content ? $content : '';
}
