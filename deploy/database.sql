-- What safeaudit needs of a PostgreSQL of your own; as its superuser, once:
--     psql -v ON_ERROR_STOP=1 -f database.sql
-- Where it is on another machine, give the first role a password as well.
CREATE ROLE safeaudit LOGIN;
CREATE ROLE safeaudit_layers NOLOGIN;               -- reads published layers and nothing else
CREATE ROLE safeaudit_tenant NOLOGIN;               -- web and worker: raw rows of the city they name alone
CREATE ROLE safeaudit_operator NOLOGIN;             -- sees all cities where none is named
GRANT safeaudit_layers, safeaudit_tenant, safeaudit_operator TO safeaudit WITH ADMIN OPTION;
-- Order by code point never changes with the system's locale library, so indexes stay true.
CREATE DATABASE safeaudit OWNER safeaudit TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
\connect safeaudit
CREATE EXTENSION postgis;
