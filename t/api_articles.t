#!/usr/bin/perl

# GET api/articles: the articles that were planned last, and what is wrong
# with each: a quote that is no longer in the text, no disclaimer, no link, a
# record that cannot be read, a page that is not stored.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);

my $page = article(n => 12, bare => 1, words => 8);
my @sentences = $page =~ m{<p>(Paragraph \d+ [^<]*\.)</p>}g;

sub titled {
    my ($title, %opt) = @_;

    my $html = article(n => 12, bare => 1, words => 8, %opt);

    utf8::encode($title);
    $html =~ s{<h1>[^<]*</h1>}{<h1>$title</h1>};

    return $html;
}

my $long = 'é' x 150;

$t->origin(
    '/fine' => { body => article(n => 12, words => 8) },
    '/bare' => { body => titled('A bare  <i>one</i>') },
    '/long' => { body => titled($long) },
    '/opinion/one' => { body => titled('Opinion') },
    '/opinion/none' => { body => '<html><article><h1>Short</h1>'
                                 . '<div class="end"></div></article>' },
    '/cookie' => { body => $page, headers => ['Set-Cookie: a=b'] },
    '/private' => { body => $page, headers => ['Cache-Control: private'] },
    '/vary' => { body => $page, headers => ['Vary: User-Agent'] },
    '/small/large' => { body => $page . ' ' x 8000 },
    '/cut' => sub {
        my ($c) = @_;

        my $sent = -e $t->dir . '/mended' ? length $page : 300;

        print $c "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
                 'Content-Length: ', length $page, "\r\n\r\n",
                 substr $page, 0, $sent;
    },
    '/uncached/one' => { body => titled('Uncached') },
    '/no-article' => { body => '<html><p>No article.</p></html>' },
    '/text' => { body => 'text', type => 'text/plain' },
    map { ("/many/$_" => { body => $page }) } 1 .. 5,
);

$t->run(<<'END');
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    editorial_desk news;
    editorial_read_more box;
    editorial_pull_quote quote;
    add_header X-Cache-Status $editorial_status always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_desk opinion;
        editorial_opinion 1;
        editorial_exclude //div;
        proxy_pass http://%%ORIGIN%%;
    }

    location /small/ {
        editorial_max_size 4k;
        proxy_pass http://%%ORIGIN%%;
    }

    location /uncached/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial off;
        editorial_console user=$http_x_user;
    }
}
END

ok($redis->wait_for_clients(2, 1), 'connected');

my $host = "http://localhost";      # as the client says

sub articles {
    my ($args) = @_;

    my $r = $t->get('/console/api/articles' . ($args || ''));

    is($r->{status}, 200, 'the list' . ($args || ''));

    return JSON::PP->new->utf8->decode($r->{body})->{articles};
}

sub article_of {
    my ($path) = @_;

    my ($found) = grep { $_->{url} eq "$host$path" } @{ articles() };

    return $found;
}

sub kinds { join ' ', map { $_->{kind} } @{ $_[0]{problems} } }


# What the list says of a page, asked until it says that.

sub becomes {
    my ($path, $want, $name) = @_;

    my $got;

    eventually(sub {
        $t->get($path);

        my $r = $t->get('/console/api/articles?count=512');
        my $list = JSON::PP->new->utf8->decode($r->{body})->{articles};
        my ($article) = grep { $_->{url} eq "$host$path" } @$list;

        $got = $article && kinds($article);

        return defined $got && $got eq $want;
    }, 3);

    is($got, $want, $name);
}


# the list

is_deeply(articles(), [], 'nothing yet');

$t->get('/fine');
$t->get('/no-article');
$t->get('/text');

my $list = articles();
is(@$list, 1, 'one article');

my $at = delete $list->[0]{at};
like($at, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'planned at');
ok($at le strftime('%Y-%m-%dT%H:%M:%SZ', gmtime), '... not later than now');

is_deeply($list->[0],
          { url => "$host/fine", id => '/fine', title => 'A story',
            desk => 'news', opinion => JSON::PP::false,
            pieces => { read_more => 1, pull_quote => 0, disclaimer => 0 },
            problems => [] },
          'nothing is wrong with it');

$t->get('/bare');
$list = articles();

is(@$list, 2, 'another');
is($list->[0]{url}, "$host/bare", '... the newest first');
is($list->[0]{title}, 'A bare one', '... its title, without markup');
is(kinds($list->[0]), 'no_read_more', '... it has no link');
like($list->[0]{problems}[0]{text}, qr/Read More/, '... in words');

$t->get('/bare?x=1');
is(@{ articles() }, 2, 'one article has one line, whatever the arguments');

$t->get('/long');
is(length article_of('/long')->{title}, 100, 'a long title is cut');

# opinion

$t->get('/opinion/one');
my $one = article_of('/opinion/one');
is($one->{opinion}, JSON::PP::true, 'an opinion piece');
is($one->{pieces}{disclaimer}, 1, '... its disclaimer');
is($one->{desk}, 'opinion', '... its desk');
is(kinds($one), 'no_read_more', '... lacks but a link');

$t->get('/opinion/none');
is(kinds(article_of('/opinion/none')), 'no_disclaimer no_read_more',
   'no room for a disclaimer');

# choosing

is_deeply([ map { $_->{url} } @{ articles('?desk=opinion') } ],
          [ "$host/opinion/none", "$host/opinion/one" ], 'of one desk');
is(@{ articles('?desk=sport') }, 0, 'of a desk without articles');
is_deeply([ map { $_->{url} } @{ articles('?count=1&desk=opinion') } ],
          [ "$host/opinion/none" ], 'one of them');
is(@{ articles('?count=2') }, 2, 'two');

for my $count ('0', '513', '-1', 'x', '', '99999999999999999999') {
    my $r = $t->get("/console/api/articles?count=$count");
    is($r->{status}, 400, "count=$count");
}

my $r = $t->request('POST', '/console/api/articles', 'Content-Length: 0');
is($r->{status}, 405, 'it is only read');

# records

sub record { $redis->command('SET', "editorial:article:$_[0]", $_[1]) }

record('/bare', '{"read_more":[{"url":"/a","title":"A"}],'
                . "\"pull_quotes\":[{\"text\":\"$sentences[3]\"},"
                . '{"text":"Nobody said \"that\"."}]}');
becomes('/bare', 'quote_drifted', 'a quote that is not in the text');

my $bare = article_of('/bare');
like($bare->{problems}[0]{text}, qr/Nobody said "that"\./, '... which');
is_deeply($bare->{pieces},
          { read_more => 1, pull_quote => 2, disclaimer => 0 },
          '... and what was placed');

record('/bare', '{"read_more":');
becomes('/bare', 'quote_drifted record_malformed',
        'a record that cannot be read: what held before holds');

record('/bare', '{"read_more":[{"url":"/a","title":"A"}]}');
becomes('/bare', '', 'mended');

$redis->command('DEL', 'editorial:article:/bare');
becomes('/bare', 'no_read_more', 'without its record');

# not stored

for my $case ([ '/cookie', qr/cookie/ ], [ '/private', qr/private/ ],
              [ '/vary', qr/Vary/ ], [ '/small/large', qr/too large/ ],
              [ '/cut', qr/cut short/ ])
{
    my ($path, $text) = @$case;

    $t->get($path);

    my $article = article_of($path);
    my ($problem) = grep { $_->{kind} eq 'not_stored' }
                         @{ $article->{problems} };

    ok($problem, "$path is not stored");
    like($problem->{text}, $text, '... why');

    $t->get($path);
    ok(scalar(grep { $_->{kind} eq 'not_stored' }
                   @{ article_of($path)->{problems} }),
       '... and nobody asks again soon, which says nothing else');
}

$t->get('/uncached/one');
is(kinds(article_of('/uncached/one')), 'no_read_more',
   'where there is no cache, that is no problem');

# a page that may be stored again

spew($t->dir . '/mended', '');
becomes('/cut', 'no_read_more', 'it came whole, and is stored');

# a reload leaves the list as it is

my $before = articles('?count=512');
$t->reload;
is_deeply(articles('?count=512'), $before, 'the list outlives a reload');

$t->done;
