package Furniture;

# What the peers make of a page, as words for their configurations (see
# Bench::fill): three strings of it (Page.pm), and with furniture around them.

use strict;
use warnings;

use Exporter qw(import);

use Page;

our @EXPORT = qw(%words without);

my $disclaimer = '<p class="editorial-disclaimer" data-editorial='
    . '"disclaimer/standard" role="note">The views expressed in this article '
    . "are the author's own and do not necessarily reflect the editorial "
    . 'policy of this publication.</p>';

my $quote = '<p>' . Page::QUOTE . '</p>';

our %words = (
    READ_MORE => Page::READ_MORE,
    READ_MORE_BOX => read_more_box(Page::READ_MORE),
    READ_MORE_MATCH => read_more_box('<p>$1</p>'),

    QUOTE => $quote,
    QUOTE_TEXT => Page::QUOTE,
    QUOTE_BOX => '<aside class="editorial-pull-quote" data-editorial='
                 . '"pull_quote/quote" aria-label="Pull quote"><blockquote>'
                 . "$quote</blockquote></aside>",

    STORY_END => Page::STORY_END,
    DISCLAIMER => $disclaimer,
    DISCLAIMER_STORY_END => $disclaimer . Page::STORY_END,
);


sub read_more_box {
    my ($line) = @_;

    return '<aside class="editorial-read-more" data-editorial="read_more/box" '
           . qq{aria-label="Read more">$line</aside>};
}


# A page as it was before that.

sub without {
    my ($body) = @_;

    my $box = quotemeta $words{READ_MORE_BOX};
    my $aside = quotemeta $words{QUOTE_BOX};

    $body =~ s/$box/$words{READ_MORE}/;
    $body =~ s/$aside/$words{QUOTE}/;
    $body =~ s{<mark class="editorial-highlight" [^>]*>(.*?)</mark>}{$1};
    $body =~ s/\Q$disclaimer\E//;

    return $body;
}


1;
