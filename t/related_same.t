#!/usr/bin/perl

# Related articles: what leads to the page itself, or to what the article
# links already, however its address is written.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(time);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(redis => $redis);
my $now = int time;


# A page with that tag, that links these.

sub tagged {
    my ($tag, @links) = @_;

    my $html = article(n => 14, words => 6, bare => 1);
    my $time = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($now - 500));

    $html =~ s{</head>}{<meta property="article:tag" content="$tag">
        <meta property="article:published_time" content="$time"></head>};
    $html =~ s{(<article>)}{"$1<p>See "
                            . join(' ', map { qq(<a href="$_">it</a>) } @links)
                            . '.</p>'}e;

    return { body => encode('UTF-8', $html),
             headers => ['Cache-Control: max-age=600'] };
}

my $canonical = encode('UTF-8', '<link rel="canonical" href="http://localhost'
    . '/50%25 off/%c3%a9/é?b=é&amp;a=1&amp;utm_source=x#top"></head>');

my $belongs = tagged('belongs');
$belongs->{body} =~ s{</head>}{$canonical};

$t->origin('/story' => tagged('story'),
           '/itself' => tagged('itself'),
           '/belongs' => $belongs,
           '/beside' => tagged('belongs'),
           '/%D9%85%D9%82%D8%A7%D9%84' => tagged('مقال'),
           '/links' => tagged('links', '/one', '/two?b=2&amp;a=1', '/Café',
                              '/مقال?x=é#y', '/five?utm_source=mail',
                              '/a b', '/%7Eseven'));

$t->run(<<'END');
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
editorial_zone pages:8m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    editorial_desk news;
    editorial_read_more box after=1 every=1 max=12;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial off;
        editorial_console user=$http_x_user;
    }
}
END

ok($redis->wait_for_clients(1, 1), 'connected');


# What the boxes of a page link, in order.

sub links {
    my ($r) = @_;

    return join ' ', $r->{body} =~ m{<aside\ class="editorial-read-more"[^>]*>
                                     .*?<a\ href="([^"]*)"}gx;
}


sub listed {
    my ($tag, @urls) = @_;
    my $at = $now - 100;

    $redis->command('ZADD', encode('UTF-8', "editorial:related:news:$tag"),
                    $at--, JSON::PP->new->utf8->encode({ url => $_,
                                                         title => 'T' }))
        for @urls;
}


sub comes_to {
    my ($path, $want, $name) = @_;

    my $got;

    eventually(sub { ($got = links($t->get($path))) eq $want }, 2);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($got, $want, $name);
}


# pages that only their arguments tell apart

$t->get('/story?id=7&utm_source=x');
comes_to('/story?id=7', '', 'the first of a list has none');
$t->get('/story?id=8');
comes_to('/story?id=8', '/story?id=7', 'the second links the first only');

$redis->command('SET', 'editorial:article:/story',
    '{"read_more":[{"url":"/story?id=8","title":"Eight"}]}');
comes_to('/story?id=7', '/story?id=8', 'a record links the other one');
comes_to('/story?id=8', '/story?id=7', '... never the page itself');

my $r = $t->api('GET', 'explain?url=/story?id%3D8');
is(scalar(grep { $_->{reason} =~ /\/story\?id=8 .*the page itself/ }
               @{ $r->{json}{refusals} }), 1, '... which is explained');

# what is ignored tells nothing apart

listed('itself', '/itself?utm_source=x', '/itself?fbclid=1#top', '/it%73elf',
       'https://localhost/itself?gclid=', '/other');
$t->get('/itself');
comes_to('/itself', '/other', 'the page itself, with what is ignored');

listed('links', '/one?utm_medium=x', '/two?a=1&b=2', '/Caf%C3%A9',
       '/%D9%85%D9%82%D8%A7%D9%84?x=%C3%A9', '/five', '/a%20b', '/~seven',
       '/one?page=2', '/three');
$t->get('/links');
comes_to('/links', '/one?page=2 /three', 'what the article links already');

# addresses beyond ASCII

listed('مقال', '/مقال', '/%d9%85%d9%82%d8%a7%d9%84', '/كتاب');
$t->get('/%D9%85%D9%82%D8%A7%D9%84');
comes_to('/%D9%85%D9%82%D8%A7%D9%84', '/%D9%83%D8%AA%D8%A7%D8%A8',
         'in any way of writing');

# where a page says that it belongs

sub lines {
    return join ' ', sort map { JSON::PP->new->decode($_)->{url} }
           @{ $redis->command('ZRANGE', 'editorial:related:news:belongs',
                              0, -1) };
}

$t->get('/beside');
eventually(sub { lines() eq '/beside' }, 2);
$t->get('/belongs');
comes_to('/belongs', '/beside', 'one that has another address links others');
is(lines(), '/50%25%20off/%C3%A9/%C3%A9?a=1&b=%C3%A9 /beside',
   '... and is listed by that, as a link has it');
listed('belongs', '/50%25%20off/%c3%a9/%c3%a9?a=1&b=%C3%A9');
$redis->command('DEL', 'editorial:page:{http://localhost/belongs}');
comes_to('/belongs', '/beside', '... never by itself');

$t->done;
