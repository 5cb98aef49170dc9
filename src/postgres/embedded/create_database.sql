create database firstpress;
