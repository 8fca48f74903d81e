#!/usr/bin/perl

# What is not said in a location is that of the server, and there of http.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();

(my $other = $page) =~ s{(</?)article>}{$1section>}g;

my @paths = qw(/ /inner/ /feature/ /variant/ /deep/ /deep/er/ /all/ /id/
               /opinion/ /off/ /dry/ /second);

$t->origin((map { ($_ => { body => $page }) } @paths),
           map { ($_ => { body => $other }) } qw(/section/ /section/a/));

$t->run(<<'END');
editorial_opinion 1;
editorial_disclaimer standard "text=From http.";
editorial_article_id "http$uri";

server {
    listen %%PORT%%;

    editorial on;
    editorial_stylesheet /furniture.css;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /inner/ {
        editorial_disclaimer inner "text=From the location.";
        proxy_pass http://%%ORIGIN%%;
    }

    location /feature/ {
        editorial_disclaimer off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /variant/ {
        editorial_read_more mine;
        editorial_read_more yours;
        proxy_pass http://%%ORIGIN%%;
    }

    location /deep/ {
        editorial_disclaimer off;

        location /deep/er/ {
            editorial_read_more off;
            proxy_pass http://%%ORIGIN%%;
        }

        proxy_pass http://%%ORIGIN%%;
    }

    location /all/ {
        editorial_disclaimer off;
        editorial_read_more off;
        editorial_pull_quote off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /section/ {
        editorial_article section;
        editorial_exclude "//table";

        location /section/a/ {
            editorial_stylesheet off;
            proxy_pass http://%%ORIGIN%%;
        }

        proxy_pass http://%%ORIGIN%%;
    }

    location /id/ {
        editorial_article_id "id$uri";
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_opinion auto;
        proxy_pass http://%%ORIGIN%%;
    }

    location /off/ {
        editorial off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /dry/ {
        editorial dry_run;
        proxy_pass http://%%ORIGIN%%;
    }
}

server {
    listen %%PORT1%%;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my $standard = 'read_more=box,pull_quote=quote,disclaimer';

sub try {
    my ($path, $furniture, $variants, $text) = @_;

    my $r = $t->get($path);

    is(furnished($r->{body}), $furniture, "$path: furniture");
    is($t->last_access->{variants}, $variants, '... of these variants');

    like($r->{body}, qr/$text/, "... it says \"$text\"") if $text;

    return $r;
}

my $r = try('/', 'read_more/box disclaimer/standard', "$standard=standard",
            'From http\.');
is($t->last_access->{id}, 'http/', 'its id');
like($r->{body}, qr{<link rel="stylesheet" href="/furniture.css">},
     'its stylesheet');

$r = try('/inner/', 'read_more/box disclaimer/inner', "$standard=inner",
         'From the location\.');
like($r->{body}, qr{<link rel="stylesheet"}, 'the stylesheet of the server');

try('/feature/', 'read_more/box', "$standard=off");
try('/variant/', 'read_more/mine disclaimer/standard',
    'read_more=mine,pull_quote=quote,disclaimer=standard');
try('/deep/', 'read_more/box', "$standard=off");
try('/deep/er/', '', 'read_more=off,pull_quote=quote,disclaimer=off');
try('/all/', '', 'read_more=off,pull_quote=off,disclaimer=off');
try('/section/', 'read_more/box disclaimer/standard', "$standard=standard");

$r = try('/section/a/', 'read_more/box disclaimer/standard',
         "$standard=standard");
unlike($r->{body}, qr{<link rel="stylesheet"}, 'no stylesheet');

try('/id/', 'read_more/box disclaimer/standard', "$standard=standard");
is($t->last_access->{id}, 'id/id/', 'an id of its own');

try('/opinion/', 'read_more/box', "$standard=standard");
try('/off/', '', '-');
try('/dry/', '', "$standard=standard");
is($t->last_access->{furniture}, 2, 'what a dry run would have placed');

is(furnished($t->get('/second', { port => 1 })->{body}), '',
   'a server where it is off');

$t->done;
