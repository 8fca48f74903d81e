package Hostile;

# Pages made to cost as much as can be, each an opinion piece's article of one
# thing again and again:
#
#     my @names = Hostile::names();
#     my $page = Hostile::make('references', 1_000_000);
#
# of about so many bytes, no more.

use strict;
use warnings;

use constant {
    HEAD => '<!DOCTYPE html><html><head>'
            . '<meta property="article:section" content="Opinion"></head>'
            . '<body><article>',
    TAIL => '</article></body></html>',
};

# What is repeated, or makes the n-th of it; and what comes before.

my %cases = (

    # the tree: its stack, the formatting elements, the adoption agency
    'deep'                => ['</x>', '<div>' x 240],
    'unclosed links'      => ['<a>x'],
    'misnested'           => ['<b><i></b></i>'],
    'misnested, deep'     => ['<b></b>', '<b id=1><i id=2>' . '<span>' x 200
                                         . '<div>'],
    'formatting made again' => ['<div>x</div>', join('', map { "<b id=$_>" }
                                                        1 .. 200) . '<div>'],
    'attributes'          => ['<i ' . join(' ', map { "a$_" } 1 .. 128)
                              . '></i>'],
    'items, deep'         => ['<li>', '<ul>' . '<div>' x 240],
    'foster parents'      => ['x<tr>', '<div>' x 200 . '<table>'],
    'selects'             => ['<select>'],
    'unknown names'       => [sub { "<x$_[0]></x$_[0]>" }],
    'doctypes'            => ['<!doctype html>'],
    'script, escaped'     => ['<script>', '<script><!--'],
    'less-than signs'     => ['<'],

    # the text: its paragraphs, sentences and characters
    'short paragraphs'    => ['<p>x</p>'],
    'equal paragraphs'    => ['<p>The same words stand here again and again, '
                              . 'and again.</p>'],
    'equal in quotes'     => ['<p>"The same words stand here again and '
                              . 'again."</p>'],
    'chained paragraphs'  => [sub { my $next = $_[0] + 1;
                                    "<p>Sentence $_[0] is here for all of us. "
                                    . "Sentence $next is here for all of us."
                                    . '</p>' }],
    'equal sentences'     => ['The tide turned. ', '<p>'],
    'one-letter sentences' => ['<p>' . 'a.' x 40 . '</p>'],
    'references'          => ['<p>' . '&amp;' x 30 . '</p>'],
    'references, open'    => ['&zzzzzzzz', '<p>'],
    'curly quotes'        => ['<p>' . "\xe2\x80\x99" x 20 . 'a</p>'],
    'white space'         => ['<p>' . ' ' x 100 . 'x</p>'],

    # what furniture is made of
    'disclaimers, nearly' => ['<p>views expressed xpres</p>'],
    'the word of one'     => ['xpres '],
    'READ MORE lines'     => ['<p>Read more: <a href=/x>y</a></p>'],
    'colons'              => [sub { "<p>a: <a href=/$_[0]>y</a>.</p>" }],
    'authors'             => ['<a rel=author>x</a>'],
    'biographies'         => ['<div class=bio><div><div>x</div></div></div>'],
);


sub names { sort keys %cases }


sub make {
    my ($name, $bytes) = @_;

    my ($unit, $before) = @{ $cases{$name} };
    my $page = HEAD . (defined $before ? $before : '');

    $bytes -= length TAIL;

    if (ref $unit) {
        for (my $i = 0; ; $i++) {
            my $next = $unit->($i);

            last if length($page) + length $next > $bytes;
            $page .= $next;
        }

    } else {
        $page .= $unit x (($bytes - length $page) / length $unit);
    }

    return $page . TAIL;
}


1;
