#!/usr/bin/perl

# Server side includes run after us: the page is worked on with its commands
# in it, the fragments are not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;

my $page = article(before => '<!--#include virtual="/part" -->',
                   after => '<!--#include virtual="/part" -->'
                            . '<!--#echo var="uri" -->');

my $inside = article();
$inside =~ s{(<p>Paragraph 4)}{<!--#include virtual="/part" -->$1};

my $wait = article(before => '<!--#include virtual="/slow" wait="yes" -->');
my $part = '<article><p>READ MORE: <a href="/x">A part</a></p></article>';

sub included {
    my ($body, $with) = @_;

    $body =~ s{<!--#include virtual="/(?:part|slow)"[^>]*-->}{$with}g;
    $body =~ s{<!--#echo var="uri" -->}{/page}g;

    return $body;
}

$t->origin(
    '/page' => { body => $page },
    '/inside' => { body => $inside },
    '/small' => { body => $page, size => 11 },
    '/wait' => { body => $wait },
    '/gzip' => { body => gzip($inside),
                 headers => ['Content-Encoding: gzip'] },
    '/part' => { body => $part },
    '/slow' => { chunks => [ \0.3, $part ] });

spew($t->dir . '/html/static.html', $inside);

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    ssi on;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /static.html {
        types { text/html html; }
    }

    location = /added {
        addition_types text/html;
        add_before_body /part;
        add_after_body /part;
        proxy_pass http://%%ORIGIN%%/inside;
    }

    location = /mirrored {
        mirror /part;
        proxy_pass http://%%ORIGIN%%/page;
    }

    location = /replaced {
        sub_filter 'Another story' 'The story';
        sub_filter 'author' 'AUTHOR';
        proxy_pass http://%%ORIGIN%%/inside;
    }

    location = /recoded {
        charset windows-1251;
        source_charset utf-8;
        charset_types text/html;
        override_charset on;
        proxy_pass http://%%ORIGIN%%/inside;
    }

    location = /skip {
        proxy_pass http://%%ORIGIN%%/skip;
    }
}

charset_map windows-1251 utf-8 {
    B6 C2B6;
}
END

for my $path ('/page', '/small', '/inside', '/gzip', '/static.html', '/wait') {
    my $body = $path eq '/wait' ? $wait
               : $path =~ /page|small/ ? $page : $inside;
    my $expected = included($body, $part);

    $expected =~ s{(</article>.*)/page}{$1$path}s;

    my $r = $t->get($path);

    is($r->{status}, 200, "$path: a page");
    is(furnished($r->{body}), 'read_more/box disclaimer/standard',
       '... its furniture, and none in the fragments');
    same(stripped($r->{body}), $expected, '... every byte, and the fragments');
    ok($r->{whole}, '... complete');
}

my $r = $t->get('/added');
same(stripped($r->{body}), $part . included($inside, $part) . $part,
     'addition: before and after, untouched');
is(furnished($r->{body}), 'read_more/box disclaimer/standard',
   '... the page between is furnished');

$r = $t->get('/mirrored');
is(furnished($r->{body}), 'read_more/box disclaimer/standard',
   'mirror: the page is furnished');

$r = $t->get('/replaced');
like($r->{body}, qr{<p>READ MORE: <a href="/other">The story</a></p></aside>},
     'sub_filter sees what was wrapped');
like($r->{body}, qr{role="note">[^<]*AUTHOR}, '... and what was placed');

$r = $t->get('/recoded');
like($r->{headers}{'content-type'}, qr/windows-1251/, 'charset: recoded');
is(furnished($r->{body}), 'read_more/box disclaimer/standard',
   '... with its furniture');

for (1 .. 3) {
    same($t->get('/recoded')->{body}, $r->{body}, '... the same each time');
}

$t->done;
