<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="utf-8"/>

<xsl:template match="@*|node()">
  <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
</xsl:template>

<xsl:template match="p[starts-with(., 'READ MORE:')]">
  <aside class="editorial-read-more" data-editorial="read_more/box" aria-label="Read more"><xsl:copy-of select="."/></aside>
</xsl:template>

<xsl:template match="p[. = '%%raw:QUOTE_TEXT%%']">
  <aside class="editorial-pull-quote" data-editorial="pull_quote/quote" aria-label="Pull quote"><blockquote><xsl:copy-of select="."/></blockquote></aside>
</xsl:template>

<xsl:template match="div[@itemprop = 'articleBody']">
  <xsl:copy>
    <xsl:apply-templates select="@*|node()"/>
    %%raw:DISCLAIMER%%
  </xsl:copy>
</xsl:template>

</xsl:stylesheet>
