# One image for api, worker and migrate; docker-compose.yml says which command a container runs and when it is healthy.
# Debian, not Alpine: Temporal's core is built for glibc.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM deps AS build
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workflows workflows
COPY activities activities
COPY migrations migrations
COPY scripts scripts
COPY web web
RUN npm run build

FROM ${NODE_IMAGE} AS production-deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM ${NODE_IMAGE} AS production
ENV NODE_ENV=production
WORKDIR /app
# Owned by root, run as `node`: the process cannot change its own code.
COPY package.json LICENSE ./
COPY --from=production-deps /app/node_modules node_modules
COPY --from=build /app/dist dist
# The setup guide, which the api shows at /help.
COPY docs docs
USER node
CMD ["node", "dist/src/main.api.js"]
