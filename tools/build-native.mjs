// placeholder until the native build lands; replaced by the addon's author
process.exit(0);
